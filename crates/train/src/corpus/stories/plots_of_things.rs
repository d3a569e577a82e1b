//! Plots that turn on a thing: found, lost, shared, broken, traded.

use super::Plot;

pub(super) const PLOTS: [Plot; 6] = [
    Plot {
        topic: "{a_kind} who finds {a_obj}",
        objects: &[],
        traits: &["honest", "kind", "curious", "good"],
        beats: &[
            &[
                "One [sunny|warm|quiet] [morning|day], {hero} went for a walk.",
                "One day, {hero} was playing outside.",
                "One [morning|afternoon], {he} walked down a long path.",
            ],
            &[
                "Under a [big|tall|old] tree, {he} found {a_obj}. It was {look}.",
                "There {he} saw something in the grass. It was a {look} {obj}.",
                "Suddenly {he} saw a {look} {obj} on the ground.",
            ],
            &[
                "\"Whose {obj} is this?\" {he} asked. Nobody was there.",
                "\"What a nice {obj}!\" said {hero}. \"But it is not mine.\"",
                "{He} wanted to keep the {obj}, but {he} knew that somebody must miss it.",
            ],
            &[
                "So {hero} picked up the {obj} and looked for its owner.",
                "{He} took the {obj} and asked everyone on the way.",
                "{He} put the {obj} in a bag and went to look for the owner.",
            ],
            &[
                "By the road sat {a_friend}. {Fhe} was crying. \"I lost my {obj},\" said {friend}.",
                "Soon {he} met {a_friend}, who looked very sad. \"I cannot find my {obj},\" said {friend}.",
                "After a while {he} met {a_friend}. \"Have you seen my {obj}?\" asked {friend}.",
            ],
            &[
                "\"Here it is!\" said {hero}, and gave {fhim} the {look} {obj}.",
                "{Hero} smiled and held out the {obj}. \"Is this yours?\" {he} asked. \"Yes!\" said {friend}.",
                "\"Is it {look}?\" asked {hero}. \"Yes,\" said {friend}. So {hero} gave {fhim} the {obj}.",
            ],
            &[
                "{Friend} was so happy that {fhe} danced. From that day on, they were friends.",
                "\"Thank you!\" said {friend}. They [played|sang|laughed] together until the evening.",
                "{Friend} hugged {hero}. \"You are very {trait},\" {fhe} said. And they became best friends.",
            ],
            &[
                "",
                "It feels good to give back what is not yours.",
                "{Hero} went home with a happy heart.",
            ],
        ],
    },
    Plot {
        topic: "{a_kind} who loses {a_obj}",
        objects: &[],
        traits: &["careful", "happy", "cheerful", "patient"],
        beats: &[
            &[
                "{Hero} had a {look} {obj}. {He} took it everywhere.",
                "{His} favorite thing was a {look} {obj}.",
                "{Hero} loved {his} {look} {obj} more than anything.",
            ],
            &[
                "But one morning the {obj} was gone.",
                "One day, {he} could not find it. The {obj} was gone!",
                "One evening {he} came home and saw that the {obj} was not there.",
            ],
            &[
                "{He} looked under the bed. The {obj} was not there.",
                "{He} looked behind the door and under the table, but there was no {obj}.",
                "First {he} looked in the kitchen. There was no {obj}.",
            ],
            &[
                "Then {he} looked outside in the grass. It was not there [either|].",
                "Then {he} looked in every box. Nothing!",
                "{Hero} sat down and began to cry.",
            ],
            &[
                "Then {a_friend} came by. \"Why are you sad?\" asked {friend}. \"I lost my {obj},\" said {hero}.",
                "{A_friend} heard {him}. \"What is wrong?\" {fhe} asked. \"My {obj} is gone,\" said {hero}.",
            ],
            &[
                "\"Where were you yesterday?\" asked {friend}. {Hero} thought about it. \"I was {at2}!\"",
                "\"Let us think,\" said {friend}. \"Where did you play yesterday?\" \"I played {at2},\" said {hero}.",
            ],
            &[
                "So they went there together and looked. There it was! The {look} {obj} lay [in the grass|under a bush|behind a stone].",
                "They ran there as fast as they could. {Friend} saw it first. \"There is your {obj}!\" {fhe} called.",
            ],
            &[
                "\"Thank you, {dear}!\" said {hero}. {He} never lost the {obj} again.",
                "{Hero} held the {obj} tight and laughed. \"Two can find more than one,\" {he} said.",
                "{Hero} was so happy that {he} let {friend} play with the {obj} all day.",
            ],
        ],
    },
    Plot {
        topic: "{a_kind} who finds a locked box",
        objects: &[
            "coin", "bell", "book", "shell", "stone", "map", "ring", "cup", "flute", "whistle",
            "feather", "mirror", "clock",
        ],
        traits: &["curious", "clever", "brave", "patient"],
        beats: &[
            &[
                "One [rainy|cold|windy] day, {hero} cleaned the old house of {his} grandmother.",
                "One day, {hero} was digging a hole behind {his} house.",
                "One morning, {hero} looked behind an old wall.",
            ],
            &[
                "There {he} found a [wooden|heavy|dusty] box. The box was locked.",
                "{He} found a box made of [wood|iron]. {He} pulled and pulled, but it did not open.",
            ],
            &[
                "\"What is in it?\" {he} wondered. {He} needed a way to open it.",
                "{He} shook the box. Something moved inside.",
            ],
            &[
                "{He} asked {a_friend} for help. \"I saw something small and shiny {at2},\" said {friend}.",
                "{He} showed the box to {a_friend}. \"Let us look for a way to open it {at2},\" said {friend}.",
            ],
            &[
                "They went there and looked [for a long time|everywhere|under every leaf]. At last {friend} found what they needed.",
                "Together they searched until the sun went down. Then {hero} saw it between two rocks.",
            ],
            &[
                "They ran back and tried it. Click! The box was open.",
                "It fit into the lock. {Hero} turned it slowly, and the box opened.",
            ],
            &[
                "Inside was a {look} {obj} and a letter. \"For the one who does not give up,\" it said.",
                "Inside they found a {look} {obj}. \"It is beautiful,\" said {friend}.",
            ],
            &[
                "{Hero} kept the {obj} for the rest of {his} life.",
                "\"The {obj} belongs to both of us,\" said {hero}. And so they shared it.",
                "They put the {obj} on the table, where everyone could see it.",
            ],
        ],
    },
    Plot {
        topic: "{a_kind} who breaks {a_obj}",
        objects: &[
            "lamp", "bell", "cup", "flute", "mirror", "clock", "drum", "shell", "boat", "spoon",
        ],
        traits: &["honest", "wild", "lively", "quick"],
        beats: &[
            &[
                "One day, {hero} was running through the house.",
                "One rainy day, {hero} played inside.",
                "One morning, {hero} jumped on the bed and danced on the floor.",
            ],
            &[
                "{He} did not look, and bumped into the table. The {look} {obj} of {his} [mother|father|grandmother] fell down and broke.",
                "Crash! The {look} {obj} fell from the shelf. It broke into two pieces.",
            ],
            &[
                "{Hero} was scared. \"Nobody saw it,\" {he} thought. {He} hid the pieces under the bed.",
                "\"Oh no!\" said {hero}. {He} put the broken {obj} behind the door.",
            ],
            &[
                "That night {he} could not sleep. {He} thought about the {obj} again and again.",
                "But {he} did not feel well. {He} could not eat, and {he} could not play.",
            ],
            &[
                "In the morning, {he} told {his} friend {friend}. \"You must tell the truth,\" said {friend}.",
                "{His} friend {friend} asked, \"What is wrong?\" {Hero} told {fhim} everything. \"Be honest,\" said {friend}.",
            ],
            &[
                "So {hero} went home and said, \"I broke the {obj}. I am sorry.\"",
                "{Hero} took the pieces and went to {his} family. \"It was me,\" {he} said. \"I am very sorry.\"",
            ],
            &[
                "Nobody was angry. \"Thank you for telling us,\" they said. \"We can fix it.\"",
                "They hugged {him}. \"It was only {a_obj},\" they said. \"The truth is worth more.\"",
            ],
            &[
                "Together they fixed the {obj} with glue. That night, {hero} slept very well.",
                "They put the {obj} together again, and {hero} felt light and happy.",
                "From then on, {hero} always told the truth.",
            ],
        ],
    },
    Plot {
        topic: "{a_kind} who does not want to share {a_obj}",
        objects: &[],
        traits: &["proud", "stubborn", "lively", "playful"],
        beats: &[
            &[
                "{Hero} had got {a_obj}. It was {look}, and {he} loved it.",
                "For {his} birthday, {hero} got a {look} {obj}.",
            ],
            &[
                "{A_friend} came to visit. \"May I play with your {obj}?\" asked {friend}.",
                "{His} friend {friend} saw the {obj}. \"Can I try it?\" {fhe} asked.",
            ],
            &[
                "\"No!\" said {hero}. \"It is mine.\" {Friend} went away sadly.",
                "{Hero} shook {his} head. \"The {obj} is only for me,\" {he} said. So {friend} went home.",
            ],
            &[
                "{Hero} played alone. At first it was fun, but soon it was boring.",
                "Then {hero} sat alone with the {obj}. There was nobody to laugh with.",
            ],
            &[
                "{He} looked out of the window and saw {friend}, who was alone too.",
                "\"A {obj} is no fun alone,\" {he} thought.",
            ],
            &[
                "{Hero} ran to {friend}. \"I am sorry,\" {he} said. \"Let us take turns.\"",
                "{He} went to {friend} and held out the {obj}. \"You go first,\" {he} said.",
            ],
            &[
                "They played with the {look} {obj} until it got dark.",
                "First {friend} had the {obj}, then {hero} had it, and they laughed a lot.",
            ],
            &[
                "{Hero} learned that sharing makes a thing twice as good.",
                "\"This was the best day,\" said {hero}. \"Yes, it was,\" said {friend}.",
                "",
            ],
        ],
    },
    Plot {
        topic: "{a_kind} who trades {a_obj} for {a_obj2}",
        objects: &[],
        traits: &["clever", "kind", "cheerful", "friendly"],
        beats: &[
            &[
                "{Hero} had a {look} {obj}, but {he} did not need it.",
                "{Hero} owned only one thing, a {look} {obj}.",
            ],
            &[
                "What {he} really wanted was {a_obj2}.",
                "Every night {he} dreamed of a {color2} {obj2}.",
            ],
            &[
                "One day, {he} took the {obj} and went to the town.",
                "So one morning {he} put the {obj} in a bag and left the house.",
            ],
            &[
                "On the way {he} met {a_friend}. {Fhe} carried a {color2} {obj2}.",
                "There {he} met {a_friend}, who had a {color2} {obj2}.",
            ],
            &[
                "\"I have a {obj2}, but I need a {obj},\" said {friend}.",
                "{Friend} looked at the {obj}. \"I have wanted a {obj} like that for years,\" {fhe} said.",
            ],
            &[
                "\"Then let us trade!\" said {hero}. {He} gave {fhim} the {obj}, and {friend} gave {him} the {obj2}.",
                "So they traded. {Friend} got the {obj}, and {hero} got the {obj2}.",
            ],
            &[
                "Both of them were happy.",
                "\"Now we both have what we need,\" said {friend}.",
                "{Hero} carried the {color2} {obj2} home and smiled all the way.",
            ],
            &[
                "After that they met every week.",
                "A good trade makes two friends.",
                "{Hero} put the {obj2} next to {his} bed and slept well.",
            ],
        ],
    },
];
