// The page's files as C arrays by #embed (C23), which costs the build nothing to speak of; SwiftPM's own embedding took
// a minute. A new file of page/ is named here, once above the table and once in it.
#include "CPageAssets.h"

#define SCRIPT "text/javascript; charset=utf-8"

static const unsigned char index_html[] = {
#embed "page/index.html"
};
static const unsigned char app_css[] = {
#embed "page/app.css"
};
static const unsigned char icon_svg[] = {
#embed "page/icon.svg"
};
static const unsigned char main_js[] = {
#embed "page/main.js"
};
static const unsigned char api_js[] = {
#embed "page/api.js"
};
static const unsigned char dom_js[] = {
#embed "page/dom.js"
};
static const unsigned char ask_js[] = {
#embed "page/ask.js"
};
static const unsigned char source_js[] = {
#embed "page/source.js"
};
static const unsigned char search_js[] = {
#embed "page/search.js"
};
static const unsigned char library_js[] = {
#embed "page/library.js"
};
static const unsigned char upload_js[] = {
#embed "page/upload.js"
};
static const unsigned char map_js[] = {
#embed "page/map.js"
};
static const unsigned char deals_js[] = {
#embed "page/deals.js"
};
static const unsigned char figures_js[] = {
#embed "page/figures.js"
};
static const unsigned char doubts_js[] = {
#embed "page/doubts.js"
};
static const unsigned char plot_js[] = {
#embed "page/plot.js"
};
static const unsigned char session_js[] = {
#embed "page/session.js"
};

#define FILE_AT(path, type, array) {path, type, array, sizeof array}

static const footnote_page_asset assets[] = {
    FILE_AT("/", "text/html; charset=utf-8", index_html),
    FILE_AT("/page/app.css", "text/css; charset=utf-8", app_css),
    FILE_AT("/page/icon.svg", "image/svg+xml", icon_svg),
    FILE_AT("/page/main.js", SCRIPT, main_js),
    FILE_AT("/page/api.js", SCRIPT, api_js),
    FILE_AT("/page/dom.js", SCRIPT, dom_js),
    FILE_AT("/page/ask.js", SCRIPT, ask_js),
    FILE_AT("/page/source.js", SCRIPT, source_js),
    FILE_AT("/page/search.js", SCRIPT, search_js),
    FILE_AT("/page/library.js", SCRIPT, library_js),
    FILE_AT("/page/upload.js", SCRIPT, upload_js),
    FILE_AT("/page/deals.js", SCRIPT, deals_js),
    FILE_AT("/page/map.js", SCRIPT, map_js),
    FILE_AT("/page/figures.js", SCRIPT, figures_js),
    FILE_AT("/page/plot.js", SCRIPT, plot_js),
    FILE_AT("/page/doubts.js", SCRIPT, doubts_js),
    FILE_AT("/page/session.js", SCRIPT, session_js),
};

size_t footnote_page_asset_count(void) { return sizeof assets / sizeof assets[0]; }
const footnote_page_asset *footnote_page_asset_at(size_t index) { return &assets[index]; }
