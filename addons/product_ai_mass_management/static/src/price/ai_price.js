import {MonetaryField, monetaryField} from "@web/views/fields/monetary/monetary_field";
import {registry} from "@web/core/registry";

/** An amount of money that is left blank where there is none. */
export class AiPrice extends MonetaryField {
  get formattedValue() {
    return this.value ? super.formattedValue : "";
  }
}

registry.category("fields").add("ai_price", {...monetaryField, component: AiPrice});
