import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("ai_crew_edit", {
  steps: () => [
    {
      content: "Switch the crew on",
      trigger: ".o_field_widget[name=enabled] input",
      run: "click",
    },
    {
      content: "Add an agent",
      trigger:
        ".o_field_widget[name=agent_ids] .o_field_x2many_list_row_add a, .o_field_widget[name=agent_ids] button.o_field_x2many_list_row_add",
      run: "click",
    },
    {
      trigger: ".modal .o_field_widget[name=name] input",
      run: "edit seller",
    },
    {
      trigger: ".modal .o_field_widget[name=goal] textarea",
      run: "edit Find what fits",
    },
    {
      content: "Allow a tool",
      trigger: ".modal .o_field_widget[name=tool_ids] input",
      run: "edit Product s",
    },
    {
      trigger: ".o-autocomplete--dropdown-item:contains(Product search)",
      run: "click",
    },
    {
      trigger: ".modal .o_field_widget[name=tool_ids] .o_tag:contains(Product search)",
    },
    {
      content: "Keep the agent",
      trigger: ".modal footer .o_form_button_save",
      run: "click",
    },
    {
      trigger: "body:not(:has(.modal)) .o_data_row:contains(seller)",
    },
    {
      content: "Save the crew",
      trigger: ".o_form_button_save",
      run: "click",
    },
    {
      trigger: ".o_form_saved",
    },
  ],
});
