import {Component} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/** What holds at a place, and where each setting comes from. */
export class VoiceRows extends Component {
  static template = "semantic_product_description.VoiceRows";
  static props = {...standardFieldProps};

  get rows() {
    return this.props.record.data[this.props.name] || [];
  }
}

registry.category("fields").add("ai_voice_rows", {component: VoiceRows, supportedTypes: ["json"]});
