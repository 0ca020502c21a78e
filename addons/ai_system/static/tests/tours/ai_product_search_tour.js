import {registry} from "@web/core/registry";

const CARD = {
  code: "SOF-3L",
  image: "/web/static/img/placeholder.png",
  price: "R$ 2,790.00",
  stock: "4 Units in stock",
  available: true,
  why: ["Name: sofa", "Meaning"],
};

/** Hands the screen an answer as the bus would; tests have no bus. */
function answer(products, error = false) {
  const services = odoo.__WOWL_DEBUG__.root.env.services;
  const jobId = document.querySelector(".o_ai_search").dataset.job;
  services["ai_system.search"].receive({job_id: jobId, products, error});
}

registry.category("web_tour.tours").add("ai_product_search", {
  steps: () => [
    {
      content: "What one can ask is explained",
      trigger: ".o_ai_search_page:contains(Ask in your own words)",
    },
    {
      content: "A question is asked by itself",
      trigger: ".o_ai_search_input",
      run: "edit gray sofa",
    },
    {
      trigger: ".o_ai_search[data-job] .fa-spin",
      run: () => answer([]),
    },
    {
      content: "Nothing found is said in words",
      trigger: ".o_ai_search_empty:contains(No product fits)",
    },
    {
      content: "Enter asks the same again",
      trigger: ".o_ai_search_input",
      run: "press Enter",
    },
    {
      trigger: ".o_ai_search[data-job] .fa-spin",
      run: () => answer([], "The AI service does not answer."),
    },
    {
      content: "A failure is said in words",
      trigger: ".alert-danger:contains(does not answer)",
    },
    {
      trigger: ".o_ai_search_input",
      run: "press Enter",
    },
    {
      trigger: ".o_ai_search[data-job] .fa-spin",
      async run() {
        const orm = odoo.__WOWL_DEBUG__.root.env.services.orm;
        const [{id}] = await orm.searchRead("product.template", [["name", "=", "Mine"]], ["id"]);
        answer([
          {...CARD, id, name: "Gray sofa", score: 100},
          {...CARD, id: id + 1, name: "Blue sofa", score: 40},
        ]);
      },
    },
    {
      content: "Best first, with the reasons",
      trigger: ".o_ai_search_card:first:contains(Gray sofa):contains(Meaning):contains(4 Units)",
    },
    {
      trigger: ".o_ai_search_score[aria-valuenow='40']",
    },
    {
      content: "The arrow leads to the first card",
      trigger: ".o_ai_search_input",
      run: "press ArrowDown",
    },
    {
      trigger: ".o_ai_search_card:focus:contains(Gray sofa)",
      run: "press Enter",
    },
    {
      content: "The product opens",
      trigger: ".o_form_view .o_field_widget[name=ai_sync_state]:contains(Synced)",
    },
  ],
});

registry.category("web_tour.tours").add("ai_product_badges", {
  steps: () => [
    {trigger: ".o_data_row:contains(Badge synced) .text-bg-success"},
    {trigger: ".o_data_row:contains(Badge needs_update) .text-bg-warning"},
    {trigger: ".o_data_row:contains(Badge queued) .text-bg-info"},
    {trigger: ".o_data_row:contains(Badge error) .text-bg-danger"},
    {trigger: ".o_data_row:contains(Badge not_synced) .badge:contains(Not synced)"},
    {
      content: "The reason of an error stands beside it",
      trigger: ".o_data_row:contains(Badge error):contains(answered with an error)",
    },
    {
      content: "What the index holds is one click away",
      trigger: ".o_data_row:contains(Badge synced) button[name=action_view_text]",
      run: "click",
    },
    {trigger: ".modal .alert:contains(Reading from the index)"},
  ],
});

registry.category("web_tour.tours").add("ai_tenant_summary", {
  steps: () => [
    {
      content: "The outcome stands above the form and leads to the page",
      trigger: ".alert-danger .o_field_widget[name=check_summary] button:contains(1 of 2 parts)",
      run: "click",
    },
    {trigger: ".o_notebook .nav-link.active[name=checks]"},
    {trigger: ".o_field_widget[name=check_ids] .o_data_row:contains(Language model)"},
  ],
});
