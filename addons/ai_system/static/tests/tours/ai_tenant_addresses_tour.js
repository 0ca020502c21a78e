import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("ai_tenant_addresses", {
  steps: () => [
    {
      content: "The tenant is connected",
      trigger: ".o_statusbar_status .o_arrow_button_current:contains(Connected)",
    },
    {
      content: "Open its channel",
      trigger: ".o_field_widget[name=channel_ids] .o_data_row td[name=name]:contains(Site)",
      run: "click",
    },
    {
      content: "The webhook address to paste in Chatwoot is visible",
      trigger:
        ".modal .o_field_widget[name=hook_ids] td[name=webhook_url]:contains(/webhook/chatwoot/)",
    },
    {
      trigger: ".modal .o_form_button_cancel, .modal .btn-close",
      run: "click",
    },
    {
      content: "The connection test has its page",
      trigger: ".o_notebook .nav-link[name=checks]",
      run: "click",
    },
    {
      trigger: ".o_field_widget[name=check_ids] .o_data_row:contains(Redis):contains(OK)",
    },
  ],
});
