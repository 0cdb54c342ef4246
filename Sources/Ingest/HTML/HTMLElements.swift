// What the names, classes and ids of elements say: which give no text at all, which are blocks, which tell by their
// name that they stand beside the main content, and which that they are it.
// Must not: weigh; a hint is only a hint until the amount of text agrees (HTMLMainContent).

enum HTMLElements {
  /// Elements without text of the page's own.
  private static let silent: Set<String> = [
    "script", "style", "noscript", "template", "svg", "iframe", "object", "embed", "canvas", "audio", "video",
    "select", "textarea", "button", "input", "dialog", "annotation", "annotation-xml",
  ]

  static let blocks: Set<String> = [
    "p", "div", "section", "article", "main", "header", "footer", "nav", "aside", "ul", "ol", "dl", "dt", "dd", "li",
    "blockquote", "figure", "figcaption", "address", "form", "fieldset", "details", "summary", "center", "hr", "body",
    "h1", "h2", "h3", "h4", "h5", "h6", "pre", "table", "caption",
  ]

  enum Presence { case shown, silent, hidden }

  /// Whether a reader of the page sees the element at all, as far as the markup itself says.
  static func presence(of name: String, _ attributes: HTMLAttributes) -> Presence {
    if silent.contains(name) { return .silent }
    if attributes["hidden"] != nil || attributes["aria-hidden"] == "true" { return .hidden }
    if let style = attributes["style"]?.filter({ $0 != " " }).lowercased(),
      style.contains("display:none") || style.contains("visibility:hidden")
    {
      return .hidden
    }
    return .shown
  }

  struct Hints: OptionSet {
    let rawValue: UInt8

    /// Named as content: 'article-body', 'post'.
    static let content = Hints(rawValue: 1)
    /// Named as something beside it: 'sidebar', 'related', 'share'.
    static let beside = Hints(rawValue: 2)
    /// Named so at times, and at times not: 'header', 'widget'.
    static let besidePerhaps = Hints(rawValue: 4)
    static let comments = Hints(rawValue: 8)
    /// Of those named as something beside, the names that go before a name as content: 'share-post'.
    static let besideSurely = Hints(rawValue: 16)
    static let contents = Hints(rawValue: 32)
  }

  /// The words of class and id: 'c-newsBody__share' says c, news, body, share, and cnewsbodyshare.
  static func hints(of attributes: HTMLAttributes) -> Hints {
    var hints: Hints = []
    for value in [attributes["id"], attributes["class"]] {
      guard let value else { continue }
      for token in value.utf8.prefix(1_024).split(whereSeparator: { isBlank($0) }) { read(token, into: &hints) }
    }
    return hints
  }

  private static func read(_ token: Substring.UTF8View, into hints: inout Hints) {
    var word = ""
    var whole = ""
    var previous: UInt8 = 0
    func end() {
      if !word.isEmpty { hints.formUnion(known[word] ?? []) }
      word = ""
    }
    for byte in token {
      let isUpper = byte >= 0x41 && byte <= 0x5A
      let isWord = isUpper || (byte >= 0x61 && byte <= 0x7A) || (byte >= 0x30 && byte <= 0x39)
      if !isWord || (isUpper && previous >= 0x61 && previous <= 0x7A) { end() }
      if isWord {
        let letter = Character(Unicode.Scalar(isUpper ? byte | 0x20 : byte))
        word.append(letter)
        whole.append(letter)
      }
      previous = byte
    }
    end()
    hints.formUnion(known[whole] ?? [])
  }

  private static let known: [String: Hints] = {
    let groups: [(String, Hints)] = [
      (
        """
        article articlebody articlecontent articletext body content contents entry hentry main maincontent page
        pagecontent post postcontent posting story storybody text blog blogpost prose markdown document docs
        """, .content
      ),
      (
        """
        ad ads advert adverts advertisement advertising breadcrumb breadcrumbs comment comments commentlist combx
        cookie cookies consent disqus disclaimer gdpr login menu modal nav navbar navbox navigation navi newsletter
        outbrain taboola pager pagination paywall popular promo promos promotion recirc recirculation recommend
        recommended recommendations related relatedposts replies respond share sharing shares sharedaddy shoutbox
        sidebar sidenav signup skyscraper social sponsor sponsored subscribe subscription teaser teasers trending
        mostread noprint printfooter catlinks editsection sitelinks
        """, .beside
      ),
      (
        """
        banner community dropdown extra foot footer header follow hidden legends masthead popup privacy remark rss
        side skip supplemental tags taglist tool tools toolbar widget widgets jump meta byline error report
        """, .besidePerhaps
      ),
      ("comment comments commentlist disqus replies", .comments),
      ("comment comments sidebar related share sharing social nav newsletter promo", .besideSurely),
      ("toc", .contents),
    ]
    var known: [String: Hints] = [:]
    for (words, hint) in groups {
      for word in words.split(whereSeparator: \.isWhitespace) { known[String(word), default: []].insert(hint) }
    }
    return known
  }()
}
