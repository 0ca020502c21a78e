import {registry} from "@web/core/registry";

const OPEN_TAB = {
  content: "Open the tab",
  trigger: ".o_notebook .nav-link[name=ai_description]",
  run: "click",
};
const OPEN_REVIEW = {
  content: "Compare the draft with what is in use",
  trigger: "button[name=action_review_ai_description]",
  run: "click",
};

registry.category("web_tour.tours").add("generate_description", {
  steps: () => [
    OPEN_TAB,
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
      content: "The form says that the text is being written, and how far it is",
      trigger: "[name=ai_running]:visible .o_field_widget[name=ai_job_stage]:contains(Queued)",
    },
    {
      content: "The button is gone meanwhile",
      trigger: "body:not(:has(button[name=action_generate_description]:visible))",
    },
  ],
});

registry.category("web_tour.tours").add("review_description", {
  steps: () => [
    OPEN_TAB,
    {
      content: "Ask for a text",
      trigger: "button[name=action_generate_description]:visible",
      run: "click",
    },
    {
      content: "It is there, and not in use yet",
      trigger: ".o_field_badge[name=ai_description_state]:contains(Draft)",
    },
    OPEN_REVIEW,
    {
      content: "The words that are new are marked",
      trigger: ".o_ai_part.o_ai_current[name=short_description] .o_ai_added:contains(oak)",
    },
    {
      content: "Edit the part with a key",
      trigger: ".o_ai_keys kbd:contains(E)",
      run: "press e",
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
      content: "The part counts as accepted",
      trigger:
        "body:not(:has(.modal)) .o_ai_part[name=short_description]:has(.badge:contains(Accepted)) [name=proposed]:contains(old oak)",
    },
    {
      content: "Go on with a key",
      trigger: ".o_ai_part.o_ai_current[name=short_description]",
      run: "press j",
    },
    {
      trigger: ".o_ai_part.o_ai_current[name=description]",
      run: "press j",
    },
    {
      content: "Reject the features with a key",
      trigger: ".o_ai_part.o_ai_current[name=key_features]",
      run: "press r",
    },
    {
      content: "The next part has its turn",
      trigger: ".o_ai_part.o_ai_rejected[name=key_features] ~ .o_ai_current[name=tags]",
      run: "press k",
    },
    {
      content: "Undo with a key",
      trigger: ".o_ai_part.o_ai_current[name=key_features]",
      run: "press u",
    },
    {
      trigger: ".o_ai_part[name=key_features]:not(.o_ai_rejected)",
      run: "press a",
    },
    {
      trigger: ".o_ai_part[name=key_features] .badge:contains(Accepted)",
    },
    {
      content: "Approve the text",
      trigger: ".o_form_statusbar button[name=action_approve]",
      run: "click",
    },
    {
      trigger: ".o_statusbar_status .o_arrow_button_current:contains(Approved)",
    },
  ],
});

registry.category("web_tour.tours").add("confirm_claim", {
  steps: () => [
    OPEN_TAB,
    OPEN_REVIEW,
    {
      content: "The words without a source are marked, and block",
      trigger: ".o_ai_obstacles:contains(10 years warranty)",
    },
    {
      trigger: ".o_ai_unsupported:contains(10 years warranty)",
    },
    {
      content: "Say what the claim stands on",
      trigger: ".o_ai_claims button[name=confirm]",
      run: "click",
    },
    {
      trigger: ".o_ai_claims input",
      run: "edit Letter of the vendor",
    },
    {
      trigger: ".o_ai_claims button[name=confirm_source]",
      run: "click",
    },
    {
      trigger: "body:not(:has(.o_ai_obstacles)) .o_ai_claims:contains(Letter of the vendor)",
    },
    {
      trigger: ".o_form_statusbar button[name=action_approve]",
      run: "click",
    },
    {
      trigger: ".o_statusbar_status .o_arrow_button_current:contains(Approved)",
    },
  ],
});
