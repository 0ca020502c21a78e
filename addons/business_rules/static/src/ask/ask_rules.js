import {Component, onWillDestroy, onWillStart, useState} from "@odoo/owl";
import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {useService} from "@web/core/utils/hooks";

const UNFINISHED = ["pending", "sent"];
// The bus tells when the answer is there; this is for the day on which it does not.
const LOOK_AGAIN = 5000;

/** A customer's question, what the AI would answer, and which rules it answers from. */
export class AskRules extends Component {
  static template = "business_rules.AskRules";
  static props = {...standardWidgetProps};

  setup() {
    this.orm = useService("orm");
    this.action = useService("action");
    this.bus = useService("bus_service");
    this.state = useState({question: "", asked: null, open: false, busy: false});
    this.onNotice = (notice) => {
      if (notice.action === "ask_rules" && notice.job_id === this.state.asked?.job) {
        this.refresh();
      }
    };
    this.bus.subscribe("ai_system.job", this.onNotice);
    onWillStart(async () => {
      if (this.resId) {
        this.show(await this.call("answer_state"));
      }
    });
    onWillDestroy(() => {
      this.bus.unsubscribe("ai_system.job", this.onNotice);
      browser.clearTimeout(this.timer);
    });
  }

  get resId() {
    return this.props.record.resId;
  }

  get waiting() {
    return UNFINISHED.includes(this.state.asked?.state);
  }

  call(method, ...args) {
    return this.orm.call("ai.company.profile", method, [[this.resId], ...args]);
  }

  show(asked) {
    browser.clearTimeout(this.timer);
    this.state.asked = asked || null;
    if (this.waiting) {
      this.timer = browser.setTimeout(() => this.refresh(), LOOK_AGAIN);
    }
  }

  async refresh() {
    this.show(await this.call("answer_state", this.state.asked.job));
  }

  async ask() {
    const question = this.state.question.trim();
    if (!question || this.state.busy) {
      return;
    }
    this.state.busy = true;
    this.state.open = true;
    try {
      // What was typed elsewhere in the form is not there for the AI before it is saved.
      if (!(await this.props.record.save())) {
        return;
      }
      this.show(await this.call("ask", question));
      this.state.question = "";
    } finally {
      this.state.busy = false;
    }
  }

  onKeydown(event) {
    if (event.key === "Enter") {
      event.preventDefault();
      event.stopPropagation();
      this.ask();
    }
  }

  openRule(rule) {
    this.action.doAction({
      type: "ir.actions.act_window",
      res_model: rule.model,
      res_id: rule.id,
      views: [[false, "form"]],
    });
  }

  percent(rule) {
    return `${Math.round(Math.min(Math.max(rule.score, 0), 1) * 100)}%`;
  }
}

registry.category("view_widgets").add("ai_ask_rules", {component: AskRules});
