import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("ai_mcp_key", {
  steps: () => [
    {
      content: "Make the key",
      trigger: "button[name=action_make_key]",
      run: "click",
    },
    {
      content: "It is shown, with a button to copy it",
      trigger:
        ".modal .o_field_widget[name=key]:contains(cwai_):has(.o_clipboard_button, .o_btn_char_copy)",
    },
    {
      content: "So is what a client is set up with",
      trigger: ".modal .o_field_widget[name=configuration]:contains(mcpServers)",
    },
    {
      content: "Close the dialog",
      trigger: ".modal footer button:contains(I Have Copied It)",
      run: "click",
    },
    {
      content: "The key works, and can be revoked",
      trigger: "body:not(:has(.modal)) .o_arrow_button_current:contains(Valid)",
    },
    {
      trigger: "button[name=action_revoke]",
      run: "click",
    },
    {
      content: "Revoking asks first",
      trigger: ".modal footer .btn-primary",
      run: "click",
    },
    {
      trigger: "body:not(:has(.modal)) .o_arrow_button_current:contains(Revoked)",
    },
  ],
});
