import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("business_rules_edit", {
  steps: () => [
    {
      content: "Opening hours begin with a usual week",
      trigger: ".o_notebook .nav-link[name=service]",
      run: "click",
    },
    {
      trigger: "button[name=action_usual_week]:visible",
      run: "click",
    },
    {
      content: "All seven days are there",
      trigger: ".o_field_widget[name=hour_ids] .o_data_row:nth-child(7)",
    },
    {
      trigger: ".o_notebook .nav-link[name=rules]",
      run: "click",
    },
    {
      content: "Add a permanent rule",
      trigger: ".o_field_widget[name=permanent_rule_ids] .o_field_x2many_list_row_add a",
      run: "click",
    },
    {
      trigger: ".modal .o_field_widget[name=name] input",
      run: "edit Extended returns",
    },
    {
      trigger: ".modal .o_field_widget[name=kind] select, .modal .o_field_widget[name=kind] input",
      run: "click",
    },
    {
      trigger: ".o_select_menu_item:contains(/^Return$/)",
      run: "click",
    },
    {
      content: "The figures of returns appear",
      trigger: ".modal .o_field_widget[name=return_days] input",
      run: "edit 30",
    },
    {
      trigger: ".modal .o_field_widget[name=name] input",
      run: "click",
    },
    {
      content: "The sentence is there while the rule is written",
      trigger: ".modal [name=sentence]:contains(within 30 days of receipt)",
    },
    {
      trigger: ".modal .o_form_button_save",
      run: "click",
    },
    {
      trigger:
        "body:not(:has(.modal)) .o_field_widget[name=permanent_rule_ids]:contains(Extended returns)",
    },
    {
      trigger: ".o_form_button_save:visible",
      run: "click",
    },
    {
      content: "Two return periods: the form says so",
      trigger: "button[name=action_view_conflicts]:visible:contains(2)",
      run: "click",
    },
    {
      trigger: ".o_kanban_record:contains(Two return periods for the same products)",
    },
    {
      content: "The board counts, and its numbers are filters",
      trigger: ".o_ai_active_rules button[name=conflicts].active:contains(2)",
    },
    {
      trigger: ".o_ai_active_rules button[name=in_force]",
      run: "click",
    },
    {
      trigger: ".o_facet_value:contains(In Force Now)",
    },
  ],
});

registry.category("web_tour.tours").add("business_rules_ask", {
  steps: () => [
    {
      trigger: ".o_ai_ask_rules input[name=question]",
      run: "edit Can I return it?",
    },
    {
      trigger: ".o_ai_ask_rules button[name=ask]:enabled",
      run: "click",
    },
    {
      content: "The answer, and where it comes from",
      trigger: ".o_ai_ask_rules [name=answer]:contains(within 7 days)",
    },
    {
      trigger: ".o_ai_ask_rules [name=rules] a:contains(Trocas)",
      run: "click",
    },
    {
      content: "The rule is opened",
      trigger: ".o_form_view .o_field_widget[name=name]:contains(Trocas)",
    },
  ],
});
