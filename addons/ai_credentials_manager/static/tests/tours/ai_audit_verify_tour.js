import {registry} from "@web/core/registry";

const verify = {
  content: "Verify the whole log",
  trigger: "button[name=action_verify]:contains(Verify)",
  run: "click",
};

registry.category("web_tour.tours").add("ai_audit_verify", {
  steps: () => [
    {
      content: "The log names the secret, never its value",
      trigger: ".o_data_row:contains(ref_4) .o_field_badge[name=result]:contains(OK)",
    },
    {
      content: "Nothing can be added",
      trigger: ".o_control_panel:not(:has(.o_list_button_add))",
    },
    verify,
    {
      content: "All is well",
      trigger: ".o_notification:has(.bg-success):contains(All 5 entries are as they were written)",
    },
    {
      content: "That it was verified is an entry too",
      trigger: ".o_data_row:contains(Verify Log)",
    },
  ],
});

registry.category("web_tour.tours").add("ai_audit_verify_tampered", {
  steps: () => [
    {
      content: "The log is shown as it is",
      trigger: ".o_data_row:contains(ref_4)",
    },
    verify,
    {
      content: "The changed entry is named",
      trigger: ".o_notification:has(.bg-danger):contains(Entry 3 was changed)",
    },
  ],
});
