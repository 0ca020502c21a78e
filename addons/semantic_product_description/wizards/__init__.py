from . import (
    ai_description_request,
    ai_missing_answers,
    ai_overwrite_live,
    ai_provenance_request,
    ai_voice_preview,
)
