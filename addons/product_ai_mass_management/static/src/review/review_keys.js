import {ReviewPanel} from "@semantic_product_description/review/review_panel";
import {_t} from "@web/core/l10n/translation";
import {patch} from "@web/core/utils/patch";
import {useHotkey} from "@web/core/hotkeys/hotkey_hook";

/** Go from text to text with a key, where several are reviewed. */
patch(ReviewPanel.prototype, {
  setup() {
    super.setup();
    useHotkey("n", () => this.turnPage("next"), {allowRepeat: true});
    useHotkey("p", () => this.turnPage("previous"), {allowRepeat: true});
  },

  get shortcuts() {
    return [
      ...super.shortcuts,
      {key: "N", label: _t("next text")},
      {key: "P", label: _t("previous text")},
    ];
  },

  turnPage(side) {
    document.querySelector(`.o_control_panel .o_pager_${side}:not(:disabled)`)?.click();
  },
});
