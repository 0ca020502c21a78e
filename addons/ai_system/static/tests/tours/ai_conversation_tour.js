import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("ai_conversation", {
  steps: () => [
    {
      content: "Only what was handed off",
      trigger: ".o_searchview_dropdown_toggler",
      run: "click",
    },
    {
      trigger: ".o_filter_menu .o_menu_item:contains(Handed Off)",
      run: "click",
    },
    {
      trigger: ".o_searchview_facet:contains(Handed Off)",
    },
    {
      content: "Open the conversation",
      trigger: ".o_list_view:not(:contains(Outra)) .o_data_row td[name=summary]:contains(Campinas)",
      run: "click",
    },
    {
      content: "What was said is shown without its marks",
      trigger: ".o_ai_bubble_customer strong:contains(Campinas)",
    },
    {
      content: "The trace tells its steps",
      trigger: ".o_ai_trace_step:has([title=stock_levels]):contains(40 ms)",
    },
    {
      content: "Ask today's settings",
      trigger: "button[name=action_replay]",
      run: "click",
    },
    {
      content: "It is under way",
      trigger: ".alert:contains(Nothing is posted)",
    },
  ],
});
