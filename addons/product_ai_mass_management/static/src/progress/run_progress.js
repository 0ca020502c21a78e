import {Component, onWillDestroy, onWillStart, onWillUpdateProps, useState} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {useService} from "@web/core/utils/hooks";

const NOTICE = "product_ai_mass_management.run";
const POLL = 5000;
const MOVING = ["running", "paused", "cancelled"];

/** How far a run is, live, for whoever has it open; its form's buttons and lines follow. */
export class RunProgress extends Component {
  static template = "product_ai_mass_management.RunProgress";
  static props = {...standardWidgetProps};

  setup() {
    this.orm = useService("orm");
    this.bus = useService("bus_service");
    this.jobs = useService("ai_system.jobs");
    this.state = useState({data: null});
    this.onNotice = (data) => this.show(data);
    this.bus.subscribe(NOTICE, this.onNotice);
    const timer = setInterval(() => this.poll(), POLL);
    onWillDestroy(() => {
      clearInterval(timer);
      this.bus.unsubscribe(NOTICE, this.onNotice);
      this.listen(false);
    });
    onWillStart(() => this.load(this.props.record.resId));
    onWillUpdateProps((props) => this.load(props.record.resId));
  }

  async load(id) {
    this.listen(id);
    this.state.data = id ? await this.orm.call("ai.product.run", "run_progress", [[id]]) : null;
  }

  /** Hear of the run `id` only. */
  listen(id) {
    const channel = id ? `ai.product.run_${id}` : null;
    if (channel === this.channel) {
      return;
    }
    if (this.channel) {
      this.bus.deleteChannel(this.channel);
    }
    if (channel) {
      this.bus.addChannel(channel);
    }
    this.channel = channel;
  }

  /** Ask, where the bus told nothing for a while: it may be out of reach. */
  async poll() {
    const id = this.props.record.resId;
    if (id && MOVING.includes(this.state.data?.state) && !(Date.now() - this.heard < POLL)) {
      this.show(await this.orm.silent.call("ai.product.run", "run_progress", [[id]]));
    }
  }

  show(data) {
    if (data.run_id === this.props.record.resId) {
      this.heard = Date.now();
      this.state.data = data;
      this.follow();
    }
  }

  /** Have the form, its buttons and its lines say the same as the bar: one reload at a time. */
  async follow() {
    if (this.following) {
      return;
    }
    this.following = true;
    try {
      let told = null;
      while (told !== this.state.data && this.isStale()) {
        told = this.state.data;
        await this.jobs.showInForms({model: "ai.product.run", res_id: told.run_id});
      }
    } finally {
      this.following = false;
    }
  }

  isStale() {
    const shown = this.props.record.data;
    const {state, waiting, done, failed} = this.state.data;
    return (
      shown.state !== state ||
      shown.waiting_count !== waiting ||
      shown.done_count !== done ||
      shown.failed_count !== failed
    );
  }

  /** The parts of the bar, by what became of the lines. */
  get parts() {
    const {total, done, skipped, failed, cancelled} = this.state.data;
    const share = (count) => `width: ${total ? (100 * count) / total : 0}%`;
    return [
      {name: "done", class: "bg-success", style: share(done)},
      {name: "skipped", class: "bg-secondary", style: share(skipped + cancelled)},
      {name: "failed", class: "bg-danger", style: share(failed)},
    ];
  }
}

registry.category("view_widgets").add("ai_run_progress", {component: RunProgress});
