import {FormController} from "@web/views/form/form_controller";
import {patch} from "@web/core/utils/patch";
import {status} from "@odoo/owl";

const SYNCED_MODELS = ["ai.business.rule", "ai.scheduling.rule", "ai.support.document"];

patch(FormController.prototype, {
  /** One job synchronizes many records: every open form of them may have something new to show. */
  isAboutAiJob(notice) {
    return (
      super.isAboutAiJob(notice) ||
      (status(this) === "mounted" &&
        notice.action === "sync_rules" &&
        SYNCED_MODELS.includes(this.props.resModel) &&
        Boolean(this.model.root?.resId))
    );
  },
});
