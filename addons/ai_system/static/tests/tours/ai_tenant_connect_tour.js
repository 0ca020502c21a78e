import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("ai_tenant_connect", {
  steps: () => [
    {
      content: "The tenant says that it is not connected",
      trigger: ".o_statusbar_status .o_arrow_button_current:contains(Not connected)",
    },
    {
      content: "Open the wizard",
      trigger: ".o_form_statusbar button[name=action_connect]:contains(/^Connect$/)",
      run: "click",
    },
    {
      content: "Paste the token",
      trigger: ".modal .o_field_widget[name=token] input",
      run: "edit http://127.0.0.1:1#one-time-secret",
    },
    {
      content: "Connect",
      trigger: ".modal footer button[name=action_connect]",
      run: "click",
    },
    {
      content: "The form tells that the enrollment is under way",
      trigger: "body:not(:has(.modal)) .alert-info:contains(Connecting to)",
    },
    {
      content: "The job waits in the queue",
      trigger: ".oe_stat_button[name=action_view_jobs]:contains(1):contains(waiting)",
      run: "click",
    },
    {
      trigger: ".o_data_row .o_field_badge[name=state]:contains(Pending)",
    },
  ],
});
