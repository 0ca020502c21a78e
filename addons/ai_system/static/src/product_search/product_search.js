import {Component, onMounted, onWillDestroy, useRef, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {browser} from "@web/core/browser/browser";
import {KeepLast} from "@web/core/utils/concurrency";
import {Layout} from "@web/search/layout";
import {registry} from "@web/core/registry";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {useDebounced} from "@web/core/utils/timing";
import {useBus, useService} from "@web/core/utils/hooks";

const PAUSE = 600; // Milliseconds of silence after which a typed question is asked
const SHORTEST = 3; // Characters of a question that is asked by itself
const PATIENCE = 15000; // Milliseconds after which a person is told that it takes long

/**
 * AI Search: a question in everyday words, products as cards with the reasons they were found.
 *
 * The question is a job; its answer comes over the bus, so nothing is polled.
 */
export class ProductSearch extends Component {
  static template = "ai_system.ProductSearch";
  static components = {Layout};
  static props = {...standardActionServiceProps};

  setup() {
    this.orm = useService("orm");
    this.action = useService("action");
    this.answers = useService("ai_system.search");
    this.display = {controlPanel: {}};
    this.input = useRef("question");
    this.cards = useRef("cards");
    this.keepLast = new KeepLast();
    this.asked = "";
    this.answered = ""; // The question that the cards answer
    // State: idle, asking, slow, found, empty, problem
    this.state = useState({
      question: "",
      state: "idle",
      availableOnly: true,
      products: [],
      problem: "",
      jobId: null,
    });
    this.askSoon = useDebounced(() => this.ask(), PAUSE);
    useBus(this.answers.arrivals, "answer", () => this.showAnswer());
    onMounted(() => this.input.el.focus());
    onWillDestroy(() => browser.clearTimeout(this.timer));
  }

  get isAsking() {
    return this.state.state === "asking" || this.state.state === "slow";
  }

  onInput(ev) {
    this.state.question = ev.target.value;
    if (this.state.question.trim().length >= SHORTEST) {
      this.askSoon();
    }
  }

  onKeydown(ev) {
    if (ev.key === "Enter") {
      ev.preventDefault();
      this.askSoon.cancel();
      this.asked = "";
      this.ask();
    } else if (ev.key === "ArrowDown" && this.state.products.length) {
      ev.preventDefault();
      this.focusCard(0);
    } else if (ev.key === "Escape") {
      this.state.question = "";
    }
  }

  onCardKeydown(ev, index) {
    const step = {ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1}[ev.key];
    if (step) {
      ev.preventDefault();
      this.focusCard(index + step);
    } else if (ev.key === "Enter") {
      ev.preventDefault();
      this.open(this.state.products[index]);
    } else if (ev.key === "Escape") {
      this.input.el.focus();
    }
  }

  /** Before the first card comes the question; after the last one there is nothing. */
  focusCard(index) {
    if (index < 0) {
      this.input.el.focus();
    } else {
      this.cards.el?.children[index]?.querySelector(".o_ai_search_card").focus();
    }
  }

  onAvailabilityChange(ev) {
    this.state.availableOnly = ev.target.checked;
    this.asked = "";
    this.ask();
  }

  async ask() {
    const question = this.state.question.trim();
    if (!question || question === this.asked) {
      return;
    }
    this.asked = question;
    this.state.jobId = null;
    this.state.state = "asking";
    browser.clearTimeout(this.timer);
    this.timer = browser.setTimeout(() => this.onPatienceOver(), PATIENCE);
    let told = null;
    try {
      told = await this.keepLast.add(
        this.orm.call("ai.product.search", "ask", [question, this.state.availableOnly]),
      );
    } catch (error) {
      this.showProblem(_t("The question could not be sent. Try again."));
      throw error;
    }
    if (told.obstacle) {
      this.showProblem(told.obstacle);
      return;
    }
    this.state.jobId = told.job_id;
    this.showAnswer();
  }

  /** Show the answer to the last question if it has arrived. */
  showAnswer() {
    const answer = this.state.jobId && this.answers.take(this.state.jobId);
    if (!answer) {
      return;
    }
    this.state.jobId = null;
    browser.clearTimeout(this.timer);
    if (answer.error) {
      this.showProblem(answer.error);
      return;
    }
    this.answered = this.asked;
    this.state.products = answer.products;
    this.state.state = answer.products.length ? "found" : "empty";
  }

  showProblem(sentence) {
    browser.clearTimeout(this.timer);
    this.asked = "";
    this.state.products = [];
    this.state.problem = sentence;
    this.state.state = "problem";
  }

  onPatienceOver() {
    if (this.state.state === "asking") {
      this.state.state = "slow";
    }
  }

  open(product) {
    this.learn(product);
    this.action.doAction({
      type: "ir.actions.act_window",
      res_model: "product.template",
      res_id: product.id,
      views: [[false, "form"]],
    });
  }

  /** The search learns from what is opened. The product does not wait for it, nor fail with it. */
  learn(product) {
    this.orm.silent
      .call("ai.product.search", "note_choice", [this.answered, product.id])
      .catch(() => {});
  }
}

registry.category("actions").add("ai_system.product_search", ProductSearch);
