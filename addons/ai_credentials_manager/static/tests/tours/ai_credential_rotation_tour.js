import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("ai_credential_rotation", {
  steps: () => [
    {
      content: "Both keys and their secrets are listed",
      trigger: ".o_field_widget[name=key_table] tr:contains(Newest):contains(0)",
    },
    {
      trigger: ".o_field_widget[name=key_table] tr:contains(Old):contains(2)",
    },
    {
      content: "Rotate",
      trigger: ".o_form_statusbar button[name=action_rotate]:contains(/^Rotate$/)",
      run: "click",
    },
    {
      content: "The rotation is under way",
      trigger: ".o_statusbar_status .o_arrow_button_current:contains(Running)",
    },
    {
      trigger: ".o_field_widget[name=processed].o_field_progressbar",
    },
    {
      trigger: "body:not(:has(button[name=action_rotate]:visible))",
    },
  ],
});

registry.category("web_tour.tours").add("ai_credential_rotation_done", {
  steps: () => [
    {
      trigger: ".o_statusbar_status .o_arrow_button_current:contains(Done)",
    },
    {
      trigger: ".o_field_widget[name=key_table] tr:contains(Newest):contains(2)",
    },
    {
      trigger: ".alert-success:contains(old keys)",
    },
  ],
});
