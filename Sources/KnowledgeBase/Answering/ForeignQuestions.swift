// Questions about the world at large, written for this house: what a library is asked when it is the wrong one. Wide in
// subject and form, so that no library holds more than a few of them.

enum ForeignQuestions {
  static let all = [
    "How many moons does the fourth planet have?", "Who composed the opera about the flying ship?",
    "When was the lighthouse on the northern cape rebuilt?", "Why do leaves change colour in autumn?",
    "What is the boiling point of ethanol at sea level?", "Which river flows through three capitals?",
    "How long does it take a bean to sprout?", "Where do puffins nest in winter?",
    "What did the queen wear at her second coronation?", "How do glaciers carve valleys?",
    "Who was the first person to cross the strait in a balloon?", "What share of the seabed has been mapped?",
    "How much does a cello bow weigh?", "When did the tramway to the old harbour close?",
    "What are the rules of three-player chess?", "Which spices go into a fish curry?",
    "How deep is the lake below the monastery?", "Who translated the epic into Finnish?",
    "What causes hiccups?", "How old is the oldest olive tree on the island?",
    "Where was the treaty about the salt mines signed?", "Why is the sky dark at night?",
    "What instruments are used in gamelan music?", "How fast can a hare run uphill?",
    "Who discovered the element with atomic number 72?", "When do the cherry trees bloom in the valley?",
    "What is the difference between a fugue and a canon?", "How many steps lead up to the bell tower?",
    "Which knot do sailors use to join two ropes?", "What language is spoken on the southern archipelago?",
    "How is sourdough bread kept from drying out?", "Who won the rowing race in the year of the flood?",
    "What happened to the fleet after the battle of the straits?", "Where does amber come from?",
    "How much rain falls in the cloud forest each year?", "Why did the composer destroy his last symphony?",
    "What is a palindrome?", "When was the printing press brought to the city?",
    "Which mountain was climbed first without oxygen?", "How do bees find their way home?",
    "Who designed the glass roof of the railway station?", "What is the currency of the kingdom in the mountains?",
    "How many strings does a lute have?", "Where are the headwaters of the longest river?",
    "What do sea cucumbers eat?", "When did the last tram driver retire?", "Why do cats purr?",
    "Which painter cut the canvas of his own portrait?", "How is porcelain fired?",
    "What does the comet's tail consist of?", "Who wrote the nursery rhyme about the miller?",
    "How long is the marathon course around the bay?", "What is the capital of the smallest republic?",
    "When is the next transit of Venus?", "Which bird lays the largest egg for its size?",
    "How many players are on a curling team?", "Where was the telescope with the wooden tube built?",
    "What makes a volcano erupt?", "Who led the expedition to the inland sea?", "How are pearls graded?",
  ]
}
