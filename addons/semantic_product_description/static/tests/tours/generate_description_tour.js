import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("generate_description", {
  steps: () => [
    {
      content: "Open the tab",
      trigger: ".o_notebook .nav-link[name=ai_description]",
      run: "click",
    },
    {
      content: "There is no text yet",
      trigger: "[name=ai_empty]:visible",
    },
    {
      content: "Ask for a text",
      trigger: "button[name=action_generate_description]:visible",
      run: "click",
    },
    {
      content: "The form says that the text is being written",
      trigger: "[name=ai_running] .fa-spin:visible",
    },
    {
      content: "The button is gone meanwhile",
      trigger: "body:not(:has(button[name=action_generate_description]:visible))",
    },
  ],
});

registry.category("web_tour.tours").add("approve_description", {
  steps: () => [
    {
      trigger: ".o_notebook .nav-link[name=ai_description]",
      run: "click",
    },
    {
      content: "The draft is shown",
      trigger: ".o_field_widget[name=ai_short_description]:contains(A chair of oak.)",
    },
    {
      content: "Edit it",
      trigger: "button[name=action_edit_ai_description]",
      run: "click",
    },
    {
      trigger: ".modal .o_field_widget[name=short_description] textarea",
      run: "edit A chair of old oak.",
    },
    {
      trigger: ".modal .o_form_button_save",
      run: "click",
    },
    {
      content: "The new words are on the product",
      trigger:
        "body:not(:has(.modal)) .o_field_widget[name=ai_short_description]:contains(old oak)",
    },
    {
      content: "Approve",
      trigger: "button[name=action_approve_ai_description]",
      run: "click",
    },
    {
      trigger: ".o_field_badge[name=ai_description_state]:contains(Approved)",
    },
  ],
});
