from . import ai_synced

# The mixin comes before the models that inherit it.
# isort: split
from . import (
    ai_booking_lock,
    ai_business_rule,
    ai_business_rule_clock,
    ai_business_rule_conflict,
    ai_business_rule_facts,
    ai_business_rule_notice,
    ai_business_rule_offer,
    ai_business_rule_sentence,
    ai_company_profile,
    ai_company_profile_ask,
    ai_company_profile_facts,
    ai_company_profile_hours,
    ai_conversation_gap,
    ai_facade,
    ai_facade_bookings,
    ai_job,
    ai_opening_exception,
    ai_opening_hours,
    ai_payment_method,
    ai_scheduling_rule,
    ai_scheduling_rule_bookings,
    ai_scheduling_rule_slots,
    ai_support_document,
    ai_support_document_chunk,
    ai_tenant,
    calendar_event,
    product,
)
