//! Plots between two characters: hunger, storms, gifts, illness, loneliness.

use super::Plot;

pub(super) const PLOTS: [Plot; 6] = [
    Plot {
        topic: "{a_kind} who shares {his} lunch",
        objects: &[],
        traits: &["kind", "generous", "good", "friendly"],
        beats: &[
            &[
                "One day, {hero} packed {food} for lunch and went out.",
                "One [sunny|cold|long] day, {hero} had only a little {food} to eat.",
                "One morning, {hero} took some {food} and went for a long walk.",
            ],
            &[
                "At noon {he} sat down to eat. Then {a_friend} came along the path.",
                "On the way {he} met {a_friend}. {Friend} looked tired and thin.",
            ],
            &[
                "\"I am so hungry,\" said {friend}. \"I have not eaten since yesterday.\"",
                "\"Do you have something to eat?\" asked {friend}. \"I am very hungry.\"",
            ],
            &[
                "{Hero} looked at the {food}. It was not much.",
                "{Hero} was hungry too, and {he} thought for a moment.",
            ],
            &[
                "Then {he} gave half of the {food} to {friend}. They ate together in the shade.",
                "\"Here, take half of my {food},\" {he} said. {Friend} ate it all.",
            ],
            &[
                "\"Thank you,\" said {friend}. \"I will not forget this.\"",
                "\"You are very {trait},\" said {friend}. \"One day I will help you too.\"",
            ],
            &[
                "When winter came, {hero} had nothing left to eat. There was a knock at the door.",
                "Weeks later, {hero} was lost and hungry. Then {he} heard a voice.",
            ],
            &[
                "It was {friend} with a big bag of {food}. \"Now it is my turn,\" {fhe} said.",
                "It was {friend}! {Fhe} brought {food} and shared it with {hero}.",
            ],
            &["", "What you give comes back one day.", "And they stayed friends forever."],
        ],
    },
    Plot {
        topic: "{a_kind} who helps in a storm",
        objects: &[],
        traits: &["kind", "brave", "calm", "warm"],
        beats: &[
            &[
                "One evening, dark clouds came over the {place}. The wind blew and the rain fell.",
                "One night, there was a big storm. The rain hit the roof, and the wind was loud.",
            ],
            &[
                "{Hero} sat at home by the fire. It was warm and dry.",
                "{Hero} closed the door and lit a candle.",
                "{Hero} was in bed, safe and warm.",
            ],
            &[
                "Then {he} heard a knock. \"Who is there?\" {he} asked.",
                "Suddenly somebody knocked at the door.",
            ],
            &[
                "Outside stood {a_friend}. {Fhe} was wet and cold. \"The wind took my roof,\" said {friend}.",
                "It was {a_friend}. \"My home is full of water,\" said {friend}. {Fhe} was shaking.",
            ],
            &[
                "\"Come in, come in!\" said {hero}. {He} gave {fhim} a dry blanket and hot soup.",
                "{Hero} took {fhim} by the hand and led {fhim} to the fire.",
            ],
            &[
                "All night long they told stories and listened to the storm.",
                "They drank hot tea, and soon {friend} fell asleep.",
            ],
            &[
                "In the morning, the sky was blue again. {Hero} went with {friend} and helped {fhim} to build a new roof.",
                "The next day the sun was shining. Together they cleaned the home of {friend}.",
            ],
            &[
                "\"You are a true friend,\" said {friend}.",
                "When the next storm came, they were not afraid, because they were together.",
                "After that, {friend} came to visit every [week|evening], even when the sun was shining.",
            ],
        ],
    },
    Plot {
        topic: "{a_kind} who makes a gift for {a_friend_kind}",
        objects: &[
            "drum", "lamp", "kite", "hat", "flute", "scarf", "boat", "whistle", "basket", "ring",
            "blanket",
        ],
        traits: &["kind", "clever", "patient", "careful"],
        beats: &[
            &[
                "{Hero} had a good friend, {a_friend}. Tomorrow was the birthday of {friend}.",
                "{Hero} knew {a_friend}, and the birthday of {friend} was near.",
            ],
            &[
                "\"What can I give {fhim}?\" thought {hero}. {He} had no money.",
                "{Hero} wanted to buy a gift, but {he} had no coins.",
            ],
            &[
                "Then {he} had an idea. \"I will make {a_obj}!\"",
                "\"I know!\" {he} said. \"I can make {a_obj} for {fhim}.\"",
            ],
            &[
                "{He} worked all day. The first {obj} broke, and {he} was sad.",
                "The work was hard. The first {obj} was too small.",
            ],
            &[
                "But {he} did not give up. {He} started again, and worked until night.",
                "So {he} tried again, slowly this time.",
            ],
            &[
                "At last the {obj} was ready. {He} painted it {color2}.",
                "When the {color2} {obj} was done, {hero} smiled.",
            ],
            &[
                "The next day {he} gave it to {friend}. \"You made this for me?\" asked {friend}.",
                "At the party, {friend} opened the gift. \"A {color2} {obj}!\" {fhe} called.",
            ],
            &[
                "\"It is the best gift of all, because you made it,\" said {friend}.",
                "{Friend} took the {obj} everywhere from that day on.",
                "{Friend} hugged {hero}, and they ate cake together.",
            ],
        ],
    },
    Plot {
        topic: "{a_kind} and a sick friend",
        objects: &[],
        traits: &["kind", "caring", "gentle", "cheerful"],
        beats: &[
            &[
                "Every day {hero} played with {his} friend {friend}. But today {friend} did not come.",
                "{Hero} waited for {his} friend {friend}. {He} waited and waited, but nobody came.",
            ],
            &[
                "So {hero} went to see {fhim}. {Friend} was in bed. \"I am sick,\" {fhe} said.",
                "{He} ran to the home of {friend}. \"I have a cold,\" said {friend}. \"I cannot play.\"",
            ],
            &[
                "{Hero} wanted to help. {He} went home and made hot soup.",
                "\"I will help you,\" said {hero}. {He} made tea with honey.",
            ],
            &[
                "{He} also brought {a_obj}, so that {friend} had something to look at.",
                "Then {he} sat down by the bed and told a long story about {a_obj}.",
            ],
            &[
                "{Friend} smiled a little. \"I feel better already,\" {fhe} said.",
                "\"That is nice of you,\" said {friend}, and {fhe} fell asleep.",
            ],
            &[
                "{Hero} came back the next day, and the day after that.",
                "For three days {hero} came in the morning and in the evening.",
            ],
            &[
                "On the fourth day, {friend} jumped out of bed. \"I am well again!\" {fhe} said.",
                "Then one morning {friend} stood at the door and laughed. \"Come out and play!\" {fhe} said.",
            ],
            &[
                "They ran outside and played {at} until dark.",
                "A friend is the best medicine.",
                "\"You are so {trait},\" said {friend}. And off they went.",
            ],
        ],
    },
    Plot {
        topic: "{a_kind} who is new {at}",
        objects: &[],
        traits: &["shy", "quiet", "lonely", "gentle"],
        beats: &[
            &[
                "{He} was new there and knew nobody.",
                "{Hero} had just moved there, and everything was new.",
            ],
            &[
                "Every day {he} watched the others play. {He} wanted to join them, but {he} did not dare.",
                "The others laughed and played, and {hero} sat alone with {his} {obj}.",
            ],
            &[
                "One day, the {look} {obj} rolled down the path. It stopped in front of {a_friend}.",
                "One afternoon, {a_friend} stopped and looked at the {obj}.",
            ],
            &[
                "\"Is that your {obj}?\" asked {friend}. \"Yes,\" said {hero} softly.",
                "\"That is a nice {obj},\" said {friend}. \"Thank you,\" said {hero}.",
            ],
            &[
                "\"Do you want to play with me?\" asked {friend}.",
                "\"Will you show me how to play with it?\" asked {friend}.",
            ],
            &["{Hero} nodded. {His} heart beat fast.", "\"Oh yes!\" said {hero}."],
            &[
                "They played all afternoon, and then {friend} showed {him} the whole {place}.",
                "Soon the others came too, and everyone wanted to see the {obj}.",
            ],
            &[
                "In the evening, {hero} was not alone any more. {He} had a friend.",
                "That night {hero} was happy. \"Tomorrow I will play with {friend} again,\" {he} thought.",
            ],
        ],
    },
    Plot {
        topic: "{a_kind} and {a_friend_kind} who fight about {a_obj}",
        objects: &[],
        traits: &["lively", "loud", "proud", "strong"],
        beats: &[
            &[
                "{Hero} had a neighbor, {a_friend}. One day, they found a {look} {obj} [on the road|in the grass|under a tree].",
                "One day, {he} went out with {his} friend {friend}. They both saw a {look} {obj} at the same time.",
            ],
            &[
                "\"It is mine!\" said {hero}. \"No, it is mine!\" said {friend}.",
                "\"I saw it first!\" called {hero}. \"No, I did!\" called {friend}.",
            ],
            &[
                "They pulled and pulled. The {obj} fell into the water.",
                "They pulled at the {obj}, and it flew high into a tree.",
            ],
            &[
                "Now nobody had it. They looked at each other.",
                "\"Look what we have done,\" said {friend}.",
            ],
            &[
                "\"Alone I cannot reach it,\" said {hero}. \"Let us do it together,\" said {friend}.",
                "\"If you hold me, I can get it,\" said {hero}.",
            ],
            &[
                "{Friend} held {hero}, and {hero} reached out. Slowly {he} got the {obj} back.",
                "So they worked together with a long stick, and soon they had the {obj}.",
            ],
            &[
                "\"You can have it today,\" said {hero}. \"And you can have it tomorrow,\" said {friend}.",
                "They sat down and laughed. \"It belongs to both of us now,\" said {friend}.",
            ],
            &[
                "",
                "After that they never fought again.",
                "It is better to work together than to fight.",
            ],
        ],
    },
];
