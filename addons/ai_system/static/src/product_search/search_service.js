import {EventBus} from "@odoo/owl";
import {registry} from "@web/core/registry";

const KEPT = 20;

/**
 * Hears the answers of AI Search and keeps the last ones: an answer may arrive before the server
 * has told which question it belongs to.
 */
export const searchService = {
  dependencies: ["bus_service"],

  start(env, {bus_service: bus}) {
    const answers = new Map();
    const arrivals = new EventBus();

    function receive(answer) {
      answers.set(answer.job_id, answer);
      if (answers.size > KEPT) {
        answers.delete(answers.keys().next().value);
      }
      arrivals.trigger("answer", answer);
    }

    bus.subscribe("ai_system.search", receive);

    return {
      arrivals,
      /** Takes an answer as the bus brings it: `{job_id, products, error}`. */
      receive,
      /**
       * @param {String} jobId
       * @returns {Object|undefined} the answer, once
       */
      take(jobId) {
        const answer = answers.get(jobId);
        answers.delete(jobId);
        return answer;
      },
    };
  },
};

registry.category("services").add("ai_system.search", searchService);
