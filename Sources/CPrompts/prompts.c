// The files of prompts/ as C arrays by #embed (C23). A new one is named here, once above the table and once in it; a
// test holds the table against the folder.
#include "CPrompts.h"

static const unsigned char answer_md[] = {
#embed "../../prompts/answer.md"
};

static const unsigned char deal_choice_md[] = {
#embed "../../prompts/deal-choice.md"
};

static const unsigned char deal_planner_md[] = {
#embed "../../prompts/deal-planner.md"
};

static const unsigned char expand_hypothetical_md[] = {
#embed "../../prompts/expand-hypothetical.md"
};

static const unsigned char expand_queries_md[] = {
#embed "../../prompts/expand-queries.md"
};

static const unsigned char judge_question_md[] = {
#embed "../../prompts/judge-question.md"
};

static const unsigned char judge_statement_md[] = {
#embed "../../prompts/judge-statement.md"
};

static const unsigned char price_frontier_md[] = {
#embed "../../prompts/price-frontier.md"
};

static const unsigned char price_specialist_md[] = {
#embed "../../prompts/price-specialist.md"
};

static const unsigned char rerank_md[] = {
#embed "../../prompts/rerank.md"
};

static const unsigned char rewrite_md[] = {
#embed "../../prompts/rewrite.md"
};

#define FILE_NAMED(name, array) {name, array, sizeof array}

static const footnote_prompt_file prompts[] = {
    FILE_NAMED("answer", answer_md),
    FILE_NAMED("deal-choice", deal_choice_md),
    FILE_NAMED("deal-planner", deal_planner_md),
    FILE_NAMED("expand-hypothetical", expand_hypothetical_md),
    FILE_NAMED("expand-queries", expand_queries_md),
    FILE_NAMED("judge-question", judge_question_md),
    FILE_NAMED("judge-statement", judge_statement_md),
    FILE_NAMED("price-frontier", price_frontier_md),
    FILE_NAMED("price-specialist", price_specialist_md),
    FILE_NAMED("rerank", rerank_md),
    FILE_NAMED("rewrite", rewrite_md),
};

size_t footnote_prompt_count(void) { return sizeof prompts / sizeof prompts[0]; }
const footnote_prompt_file *footnote_prompt_at(size_t index) { return &prompts[index]; }
