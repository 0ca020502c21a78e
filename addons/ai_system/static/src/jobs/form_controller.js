import {FormController} from "@web/views/form/form_controller";
import {onWillDestroy, status} from "@odoo/owl";
import {Deferred} from "@web/core/utils/concurrency";
import {patch} from "@web/core/utils/patch";
import {useService} from "@web/core/utils/hooks";

patch(FormController.prototype, {
  setup() {
    super.setup();
    const jobs = useService("ai_system.jobs");
    onWillDestroy(jobs.addForm((notice) => this.onAiJobNotice(notice)));
  },

  async beforeExecuteActionButton() {
    const goesOn = await super.beforeExecuteActionButton(...arguments);
    if (goesOn !== false) {
      this.runningButton = new Deferred();
    }
    return goesOn;
  },

  async afterExecuteActionButton() {
    this.runningButton?.resolve();
    this.runningButton = null;
    return super.afterExecuteActionButton(...arguments);
  },

  /** Show a job's new state, unless the user would lose what was typed. */
  async onAiJobNotice(notice) {
    if (!this.isAboutAiJob(notice)) {
      return undefined;
    }
    // A button reloads the form itself, and of two loads at once the first never ends: the
    // form's buttons would stay disabled.
    await this.runningButton;
    if (!this.isAboutAiJob(notice)) {
      return undefined;
    }
    if (await this.model.root.isDirty()) {
      return "unsaved";
    }
    await this.model.root.load();
    return "reloaded";
  },

  isAboutAiJob(notice) {
    return (
      status(this) === "mounted" &&
      this.props.resModel === notice.model &&
      this.model.root?.resId === notice.res_id
    );
  },
});
