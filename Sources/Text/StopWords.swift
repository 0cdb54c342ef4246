// Words that say little about what a passage is about. Only the query side reads these lists: the index holds every
// word, so that quotes and questions made of nothing else still find their passage.
// Written as folded words, contractions with a plain apostrophe, as `WordTokenizer` gives them.

package enum StopWords {
  /// Articles, conjunctions, prepositions, forms of to be: what classic engines leave out.
  package static let short = words(
    """
    a an the this that these such
    and or but if then no not
    at by for in into of on to with as
    is are was be will
    it they their there
    """)

  /// The short list, with question words, pronouns, auxiliaries and common adverbs: what a question is wrapped in.
  package static let long = short.union(
    words(
      """
      what which who whom whose when where why how
      i me my mine myself we our ours ourselves you your yours yourself yourselves
      he him his himself she her hers herself itself them theirs themselves its those
      am were been being do does did doing done has have had having
      can could may might must shall should would cannot
      about above across after again against along among around before behind below beneath beside between beyond
      down during except from off onto out over per since through throughout toward towards under until up upon
      via within without
      all any both each either every few many more most much neither none nor other others same several some
      so than too very just only own also even ever here hence once still though although because while whereas
      whether yet
      i'm i've i'll i'd you're you've you'll you'd he'd he'll she'd she'll it'd it'll we're we've we'll we'd they're
      they've they'll they'd who'll who'd what're what'll that'll that'd there'll there'd
      isn't aren't wasn't weren't don't doesn't didn't hasn't haven't hadn't can't couldn't won't wouldn't shan't
      shouldn't mustn't mightn't needn't
      please tell show give let
      """))

  private static func words(_ text: String) -> Set<String> {
    Set(text.split(whereSeparator: \.isWhitespace).map(String.init))
  }
}
