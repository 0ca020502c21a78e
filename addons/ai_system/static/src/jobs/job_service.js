import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";

// The record's form or the queue shows how these ended; a notice would only be in the way.
const QUIET_ACTIONS = [
  "sync_products",
  "reconcile_products",
  "search_products",
  "product_text",
  "sync_config",
  "test_connection",
  "get_config",
  "rotate_signing_key",
  "revoke_secrets",
  "chatwoot_setup",
  "sync_rules",
  "ask_rules",
  "replay_turn",
  "forget_contact",
];

// Their screens show failures too.
const SHOWN_ELSEWHERE = ["search_products"];

/**
 * Hears how AI jobs end and offers each notice to the open forms. A form answers with
 * "reloaded", with "unsaved" when a reload would lose edits, or with nothing when the notice is
 * about another record.
 */
export const jobService = {
  dependencies: ["action", "bus_service", "notification"],

  start(env, {action, bus_service: bus, notification}) {
    const forms = new Set();

    async function showInForms(notice) {
      const answers = await Promise.all([...forms].map((form) => form(notice)));
      return answers.includes("unsaved")
        ? "unsaved"
        : answers.find((answer) => answer === "reloaded");
    }

    function openRecord(notice) {
      action.doAction({
        type: "ir.actions.act_window",
        res_model: notice.model,
        res_id: notice.res_id,
        views: [[false, "form"]],
      });
    }

    async function onNotice(notice) {
      if (SHOWN_ELSEWHERE.includes(notice.action)) {
        return;
      }
      const shown = await showInForms(notice);
      if (notice.state === "failed") {
        notification.add(notice.error || _t("The AI job failed."), {type: "danger"});
      } else if (notice.state === "done" && shown === "unsaved") {
        notification.add(_t("Something new is there. Save or discard your changes to see it."), {
          type: "info",
          sticky: true,
        });
      } else if (notice.state === "done" && !QUIET_ACTIONS.includes(notice.action)) {
        const buttons = [];
        if (!shown && notice.res_id) {
          buttons.push({
            name: _t("Open"),
            primary: true,
            onClick: () => openRecord(notice),
          });
        }
        notification.add(_t("The AI has finished."), {type: "success", buttons});
      }
    }

    bus.subscribe("ai_system.job", onNotice);

    return {
      /**
       * @param {(notice: Object) => Promise<"reloaded"|"unsaved"|undefined>} form
       * @returns {() => void} stops offering notices to the form
       */
      addForm(form) {
        forms.add(form);
        return () => forms.delete(form);
      },
      /** Offer what another screen learnt, {model, res_id}, to the open forms alone. */
      showInForms,
    };
  },
};

registry.category("services").add("ai_system.jobs", jobService);
