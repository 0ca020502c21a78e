import {registry} from "@web/core/registry";

const SELECT_ALL = {
  content: "Choose all products of the list",
  trigger: ".o_list_view:has(.o_data_row) thead .o_list_record_selector input",
  run: "click",
};

const button = (name) => ({
  content: `Press ${name}`,
  trigger: `.o_control_panel button[name=${name}]`,
  run: "click",
});

registry.category("web_tour.tours").add("mass_generate", {
  steps: () => [
    {
      content: "The badges are there",
      trigger: ".o_data_row .o_field_badge[name=ai_quality]:contains(No text)",
    },
    SELECT_ALL,
    button("action_ai_generate"),
    {
      content: "The dialog tells how much it is",
      trigger: ".modal [name=estimate]:contains(6 texts)",
    },
    {
      content: "Start",
      trigger: ".modal footer button[name=action_start]:visible",
      run: "click",
    },
    {
      content: "Four texts are under way, the others wait",
      trigger: ".o_ai_run_progress:has([name=sent]:contains(4)) [name=waiting]:contains(2)",
    },
    {
      content: "Pause",
      trigger: ".o_form_statusbar button[name=action_pause]",
      run: "click",
    },
    {
      trigger: ".o_statusbar_status .o_arrow_button_current:contains(Paused)",
    },
    {
      content: "Resume",
      trigger: ".o_form_statusbar button[name=action_resume]",
      run: "click",
    },
    {
      content: "One line failed",
      trigger: ".o_ai_run_progress:has([name=done]:contains(5)) [name=failed]:contains(1)",
    },
    {
      content: "It says why",
      trigger:
        ".o_data_row:has(.o_field_badge:contains(Failed)) td[name=error_display]:contains(No such product)",
    },
    {
      content: "Try it again",
      trigger: ".o_form_statusbar button[name=action_retry_failed]",
      run: "click",
    },
    {
      trigger: ".o_ai_run_progress:not(:has([name=failed])) [name=done]:contains(6)",
    },
    {
      trigger: ".o_statusbar_status .o_arrow_button_current:contains(Done)",
    },
  ],
});

registry.category("web_tour.tours").add("mass_watch", {
  steps: () => [
    {
      content: "A run of somebody else's is under way",
      trigger: ".o_form_statusbar button[name=action_pause]",
    },
    {
      content: "They pause it: nobody reloads, and the buttons follow",
      trigger: ".o_form_statusbar:not(:has(button[name=action_pause])) button[name=action_resume]",
    },
    {
      trigger: ".o_statusbar_status .o_arrow_button_current:contains(Paused)",
    },
  ],
});

registry.category("web_tour.tours").add("mass_approve", {
  steps: () => [
    SELECT_ALL,
    button("action_ai_approve"),
    {
      trigger: ".modal [name=estimate]:contains(5 drafts)",
    },
    {
      trigger: ".modal .o_field_widget[name=minimum_score] input",
      run: "edit 85",
    },
    {
      trigger: ".modal footer button[name=action_start]:visible",
      run: "click",
    },
    {
      content: "The first ones are approved at once, the server does the others",
      trigger: ".o_ai_run_progress [name=done]:contains(4)",
    },
    {
      trigger: ".o_form_statusbar button[name=action_pause]",
      run: "click",
    },
    {
      trigger: ".o_form_statusbar button[name=action_resume]",
      run: "click",
    },
    {
      trigger: ".o_ai_run_progress [name=done]:contains(5)",
    },
    {
      trigger: ".o_statusbar_status .o_arrow_button_current:contains(Done)",
    },
  ],
});

registry.category("web_tour.tours").add("mass_review", {
  steps: () => [
    {
      content: "Approving many is nothing for salespeople, nor are prices",
      trigger:
        ".o_control_panel:has(button[name=action_ai_generate]):not(:has(button[name=action_ai_approve], button[name=action_ai_adjust_prices]))",
    },
    SELECT_ALL,
    button("action_ai_review"),
    {
      content: "Open the first draft",
      trigger: ".o_list_view .o_data_row:first-child td[name=product_tmpl_id]",
      run: "click",
    },
    {
      trigger: ".o_ai_review .o_ai_keys:contains(next text)",
    },
    {
      content: "Go on with a key",
      trigger: ".o_pager_value:contains(1)",
      run: "press n",
    },
    {
      trigger: ".o_pager_value:contains(2)",
      run: "press p",
    },
    {
      trigger: ".o_pager_value:contains(1)",
    },
    {
      content: "Approve this one",
      trigger: ".o_form_statusbar button[name=action_approve]",
      run: "click",
    },
    {
      trigger: ".o_statusbar_status .o_arrow_button_current:contains(Approved)",
    },
  ],
});

registry.category("web_tour.tours").add("mass_prices", {
  steps: () => [
    SELECT_ALL,
    button("action_ai_adjust_prices"),
    {
      trigger: ".modal .o_field_widget[name=price_amount] input",
      run: "edit -10 && click .modal-title",
    },
    {
      content: "See first what would become of five",
      trigger: ".modal .o_field_widget[name=preview] td:contains(90.00)",
    },
    {
      trigger: ".modal footer button[name=action_start]:visible",
      run: "click",
    },
    {
      trigger: ".o_statusbar_status .o_arrow_button_current:contains(Done)",
    },
  ],
});

const SHOWN = ".o_data_row td[name=ai_price]:contains(75.50)";

registry.category("web_tour.tours").add("mass_price_cells", {
  steps: () => [
    {
      content: "Without an AI price nothing is shown",
      trigger: ".o_list_view:has(.o_data_row):not(:has(td[name=ai_price]:contains(0.00)))",
    },
    SELECT_ALL,
    {
      content: "Give all of them one",
      trigger: ".o_data_row_selected:first-child td[name=ai_price]",
      run: "click",
    },
    {
      trigger: ".o_data_row:first-child td[name=ai_price] input",
      run: "edit 75.50 && press Enter",
    },
    {
      trigger: ".modal footer .btn-primary",
      run: "click",
    },
    {
      trigger: `.o_list_view:not(:has(.o_selected_row)):has(${SHOWN})`,
    },
  ],
});
