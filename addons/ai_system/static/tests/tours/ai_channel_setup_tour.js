import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("ai_channel_setup", {
  steps: () => [
    {
      content: "The preview says who answers",
      trigger:
        ".o_field_widget[name=routing_preview]:contains(because this mapping names the inbox)",
    },
    {
      content: "The webhook address to paste is there",
      trigger: ".o_field_widget[name=hook_ids] td[name=webhook_url]:contains(/webhook/chatwoot/)",
    },
    {
      content: "Open the wizard",
      trigger: ".o_form_statusbar button[name=action_set_up]:contains(Set Up in Chatwoot)",
      run: "click",
    },
    {
      content: "Type the administrator's token",
      trigger: ".modal .o_field_widget[name=admin_token] input[type=password]",
      run: "edit administrators-token",
    },
    {
      trigger: ".modal .o_field_widget[name=account_webhook] input",
      run: "click",
    },
    {
      content: "Set up",
      trigger: ".modal footer button[name=action_setup]",
      run: "click",
    },
    {
      content: "The form tells that it is under way, and knows the second webhook",
      trigger: "body:not(:has(.modal)) .alert-info:contains(Chatwoot is being set up)",
    },
    {
      trigger: ".o_field_widget[name=hook_ids] .o_data_row:contains(Account Webhook)",
    },
    {
      content: "The token is nowhere in the page",
      trigger: "body:not(:contains(administrators-token))",
    },
  ],
});
