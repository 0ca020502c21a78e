import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/** A text that opens a page of the form's notebook: `options="{'page': 'checks'}"`. */
export class PageLink extends Component {
  static template = "ai_system.PageLink";
  static props = {...standardFieldProps, page: String};

  openPage(ev) {
    const form = ev.currentTarget.closest(".o_form_view");
    const link = form.querySelector(`.o_notebook .nav-link[name="${this.props.page}"]`);
    link?.click();
    link?.scrollIntoView({block: "start", behavior: "smooth"});
  }
}

export const pageLink = {
  component: PageLink,
  displayName: _t("Link to a page"),
  supportedTypes: ["char"],
  extractProps: ({options}) => ({page: options.page}),
};

registry.category("fields").add("ai_page_link", pageLink);
