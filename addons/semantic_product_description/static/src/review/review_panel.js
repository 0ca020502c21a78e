import {Component, onWillStart, onWillUpdateProps, useState} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {useHotkey} from "@web/core/hotkeys/hotkey_hook";
import {useService} from "@web/core/utils/hooks";
import {_t} from "@web/core/l10n/translation";

const MODEL = "product.ai.description";

/** What is in use beside what is proposed, part by part, word by word. */
export class ReviewPanel extends Component {
  static template = "semantic_product_description.ReviewPanel";
  static props = {...standardWidgetProps};

  setup() {
    this.orm = useService("orm");
    this.action = useService("action");
    this.state = useState({data: null, position: 0, confirming: 0, source: ""});
    onWillStart(() => this.load(this.props.record.resId));
    onWillUpdateProps(async (props) => {
      const another = props.record.resId !== this.shownId;
      await this.load(props.record.resId);
      if (another) {
        this.state.position = 0;
      }
    });
    useHotkey("a", () => this.decide(this.currentPart, "accepted"));
    useHotkey("r", () => this.decide(this.currentPart, "rejected"));
    useHotkey("u", () => this.decide(this.currentPart, false));
    useHotkey("e", () => this.edit(this.currentPart));
    useHotkey("j", () => this.move(1), {allowRepeat: true});
    useHotkey("k", () => this.move(-1), {allowRepeat: true});
  }

  get shortcuts() {
    return [
      {key: "A", label: _t("accept")},
      {key: "E", label: _t("edit")},
      {key: "R", label: _t("reject")},
      {key: "U", label: _t("undo")},
      {key: "J", label: _t("next part")},
      {key: "K", label: _t("previous part")},
    ];
  }

  get currentPart() {
    return this.state.data?.parts[this.state.position];
  }

  async load(id) {
    this.shownId = id;
    this.state.data = id ? await this.orm.call(MODEL, "review_data", [[id]]) : null;
  }

  move(step) {
    const last = (this.state.data?.parts.length || 1) - 1;
    this.choose(Math.min(Math.max(this.state.position + step, 0), last));
  }

  choose(position) {
    this.state.position = position;
    const part =
      this.currentPart && document.querySelector(`.o_ai_part[name='${this.currentPart.name}']`);
    part?.scrollIntoView({block: "nearest"});
  }

  async decide(part, decision) {
    if (!part || !this.state.data.editable) {
      return;
    }
    await this.orm.call(MODEL, "decide", [[this.shownId], part.name, decision]);
    await this.load(this.shownId);
    if (decision) {
      this.move(1);
    }
  }

  async edit(part) {
    if (!part || !this.state.data.editable) {
      return;
    }
    const id = this.shownId;
    const action = await this.orm.call(MODEL, "action_edit_part", [[id], part.name]);
    await this.action.doAction(action, {onClose: () => this.load(id)});
  }

  async answer() {
    const id = this.shownId;
    const action = await this.orm.call(MODEL, "action_answer_missing", [[id]]);
    await this.action.doAction(action, {onClose: () => this.load(id)});
  }

  askForSource(claim) {
    this.state.confirming = claim.id;
    this.state.source = "";
  }

  async confirm(claim) {
    const source = this.state.source;
    await this.orm.call("product.ai.claim", "confirm", [[claim.id], source]);
    this.state.confirming = 0;
    await this.load(this.shownId);
  }

  /** The pieces of a column: what is in use has no additions, what is proposed no removals. */
  pieces(part, side) {
    const hidden = side === "current" ? "added" : "removed";
    return part.rows
      .filter(([kind]) => kind !== hidden)
      .map(([kind, text, marked], index) => ({
        index,
        text,
        class: {
          o_ai_added: kind === "added",
          o_ai_removed: kind === "removed",
          o_ai_unsupported: marked && side === "proposed",
        },
      }));
  }

  isUnchanged(part) {
    return part.rows.every(([kind]) => kind === "same");
  }

  scoreClass() {
    const score = this.state.data.score;
    return score >= 80 ? "text-bg-success" : score >= 60 ? "text-bg-warning" : "text-bg-danger";
  }
}

registry.category("view_widgets").add("ai_review", {component: ReviewPanel});
