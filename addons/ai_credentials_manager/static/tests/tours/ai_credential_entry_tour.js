import {registry} from "@web/core/registry";

const SECRET = "planted-secret-Wq7-zz-4711";
const ROW = ".o_field_widget[name=line_ids] .o_data_row";

registry.category("web_tour.tours").add("ai_credential_entry", {
  steps: () => [
    {
      content: "New credential",
      trigger: ".o_list_button_add",
      run: "click",
    },
    {
      content: "Choose the platform",
      trigger: ".o_field_widget[name=platform] input, .o_field_widget[name=platform] select",
      run: "click",
    },
    {
      trigger: ".o_select_menu_item:contains(Mercado Livre)",
      run: "click",
    },
    {
      content: "Nobody chooses what Odoo keeps for itself",
      trigger: "body:not(:has(.o_select_menu_item:contains(AI Service)))",
    },
    {
      content: "What the platform needs is there to fill in",
      trigger: `${ROW}:contains(client_secret):contains(Client secret)`,
    },
    {
      content: "A public parameter has a value",
      trigger: `${ROW}:contains(app_id) td[name=value]`,
      run: "click",
    },
    {
      trigger: `${ROW} td[name=value] input`,
      run: "edit ML123456",
    },
    {
      content: "A secret is typed blindly",
      trigger: `${ROW}:contains(client_secret) td[name=new_value]`,
      run: "click",
    },
    {
      trigger: `${ROW}.o_selected_row td[name=new_value] input[type=password]`,
      run: `edit ${SECRET}`,
    },
    {
      content: "Save",
      trigger: ".o_form_button_save",
      run: "click",
    },
    {
      content: "The badge says that it is set, and only its end shows",
      trigger: `.o_form_saved ${ROW}:contains(client_secret):contains(••••4711) .o_field_badge:contains(/^Set$/)`,
    },
    {
      content: "The others are not set",
      trigger: `${ROW}:contains(access_token):contains(Not set)`,
    },
    {
      content: "The secret is nowhere in the page",
      trigger: "body",
      run() {
        const typed = [...document.querySelectorAll("input, textarea")].map((input) => input.value);
        if (`${document.documentElement.outerHTML} ${typed.join(" ")}`.includes(SECRET)) {
          throw new Error("The page holds the secret.");
        }
      },
    },
    {
      content: "Back to the list, grouped by kind",
      trigger: ".o_back_button, .breadcrumb-item a",
      run: "click",
    },
    {
      trigger: ".o_group_header:contains(Marketplaces)",
    },
    {
      trigger: ".o_data_row:contains(Mercado Livre):contains(1 of 3 set)",
    },
  ],
});
