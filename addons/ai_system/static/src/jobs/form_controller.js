import {FormController} from "@web/views/form/form_controller";
import {onWillDestroy, status} from "@odoo/owl";
import {patch} from "@web/core/utils/patch";
import {useService} from "@web/core/utils/hooks";

patch(FormController.prototype, {
  setup() {
    super.setup();
    const jobs = useService("ai_system.jobs");
    onWillDestroy(jobs.addForm((notice) => this.onAiJobNotice(notice)));
  },

  /** Show a job's new state, unless the user would lose what was typed. */
  async onAiJobNotice(notice) {
    const record = this.model.root;
    if (
      status(this) !== "mounted" ||
      this.props.resModel !== notice.model ||
      record?.resId !== notice.res_id
    ) {
      return undefined;
    }
    if (await record.isDirty()) {
      return "unsaved";
    }
    await this.model.load();
    return "reloaded";
  },
});
