import {Component, onWillDestroy, onWillStart, onWillUpdateProps, useState} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {useService} from "@web/core/utils/hooks";

const NOTICE = "product_ai_mass_management.run";
const POLL = 5000;

/** How far a run is, live: told by the bus to who started it, asked for by everybody else. */
export class RunProgress extends Component {
  static template = "product_ai_mass_management.RunProgress";
  static props = {...standardWidgetProps};

  setup() {
    this.orm = useService("orm");
    this.bus = useService("bus_service");
    this.state = useState({data: null});
    this.onNotice = (data) => this.show(data);
    this.bus.subscribe(NOTICE, this.onNotice);
    const timer = setInterval(() => this.poll(), POLL);
    onWillDestroy(() => {
      clearInterval(timer);
      this.bus.unsubscribe(NOTICE, this.onNotice);
    });
    onWillStart(() => this.load(this.props.record.resId));
    onWillUpdateProps((props) => this.load(props.record.resId));
  }

  async load(id) {
    this.state.data = id ? await this.orm.call("ai.product.run", "run_progress", [[id]]) : null;
  }

  async poll() {
    const id = this.props.record.resId;
    if (id && ["running", "cancelled"].includes(this.state.data?.state)) {
      this.show(await this.orm.silent.call("ai.product.run", "run_progress", [[id]]));
    }
  }

  /** Move the bar; the lines and buttons below follow by the notices that forms listen to. */
  show(data) {
    if (data.run_id === this.props.record.resId) {
      this.state.data = data;
    }
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
