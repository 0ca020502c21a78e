import {Component, onWillStart, onWillUpdateProps} from "@odoo/owl";
import {KanbanRenderer} from "@web/views/kanban/kanban_renderer";
import {kanbanView} from "@web/views/kanban/kanban_view";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {_t} from "@web/core/l10n/translation";

/** What holds now, what begins or ends soon, what contradicts: numbers that are filters. */
export class ActiveRulesBoard extends Component {
  static template = "business_rules.ActiveRulesBoard";
  static props = {list: Object};

  setup() {
    this.orm = useService("orm");
    this.counts = {};
    const load = async () => {
      this.counts = await this.orm.call("ai.business.rule", "active_summary", []);
    };
    onWillStart(load);
    onWillUpdateProps(load);
  }

  get tiles() {
    return [
      {name: "in_force", label: _t("In force now"), color: "text-success"},
      {name: "starts_soon", label: _t("Start within a week"), color: "text-info"},
      {name: "ends_soon", label: _t("End within a week"), color: "text-warning"},
      {name: "conflicts", label: _t("In conflict"), color: "text-danger"},
    ].map((tile) => ({...tile, active: this.isActive(tile.name)}));
  }

  get search() {
    return this.env.searchModel;
  }

  items(name) {
    return this.search.getSearchItems((item) => item.type === "filter" && item.name === name);
  }

  isActive(name) {
    return this.items(name).some((item) => item.isActive);
  }

  show(name) {
    if (this.isActive(name)) {
      this.search.clearQuery();
      return;
    }
    // Not clearQuery: that would load everything first.
    this.search.query = [];
    for (const item of this.items(name)) {
      this.search.toggleSearchItem(item.id);
    }
  }
}

export class ActiveRulesRenderer extends KanbanRenderer {
  static template = "business_rules.ActiveRulesRenderer";
  static components = {...KanbanRenderer.components, ActiveRulesBoard};
}

registry.category("views").add("ai_active_rules", {
  ...kanbanView,
  Renderer: ActiveRulesRenderer,
});
