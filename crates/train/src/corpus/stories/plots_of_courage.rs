//! Plots of fear and of trying again: the dark, the water, the way home, the race.

use super::Plot;

pub(super) const PLOTS: [Plot; 6] = [
    Plot {
        topic: "{a_kind} who is afraid of the dark",
        objects: &[],
        traits: &["shy", "playful", "careful", "quiet"],
        beats: &[
            &[
                "{Hero} was not afraid of rain or wind, but {he} was afraid of the dark.",
                "At night, when it was dark, {hero} was always afraid.",
            ],
            &[
                "One night, {he} heard a strange sound. Knock, knock, knock!",
                "One night, {he} woke up. Something was moving outside.",
            ],
            &[
                "{He} hid under the blanket. \"What is it?\" {he} whispered.",
                "{His} heart beat fast. {He} did not dare to move.",
            ],
            &[
                "The sound came again. It was louder now.",
                "Then {he} heard a small voice. \"Help me,\" it said.",
            ],
            &[
                "{Hero} took a deep breath. {He} took a lamp and opened the door.",
                "\"I must be brave,\" {he} thought. {He} lit a candle and went outside.",
            ],
            &[
                "There sat {a_friend}. \"I lost my way in the dark,\" said {friend}. \"I was so afraid.\"",
                "It was only {a_friend}. {Fhe} had a leg stuck under the gate.",
            ],
            &[
                "\"Do not worry,\" said {hero}. \"I will bring you home.\" And {he} did.",
                "{Hero} helped {fhim} and gave {fhim} warm milk.",
            ],
            &[
                "From that night on, {hero} was not afraid of the dark any more.",
                "\"You are so brave,\" said {friend}. {Hero} looked up. The stars were beautiful.",
                "Then {hero} went back to bed. The dark was only the dark.",
            ],
        ],
    },
    Plot {
        topic: "{a_kind} who learns to {skill}",
        objects: &[],
        traits: &["eager", "stubborn", "patient", "cheerful"],
        beats: &[
            &[
                "{Hero} wanted to {skill}, but {he} did not know how.",
                "All the others could {skill}. Only {hero} could not.",
            ],
            &[
                "One day, {he} tried it for the first time. It went wrong, and {he} fell.",
                "{He} tried it once, and {he} fell down. Everyone laughed.",
            ],
            &[
                "\"I will never learn it,\" {he} said. {He} was very sad.",
                "{He} went home and cried a little.",
            ],
            &[
                "{A_friend} saw it. \"I could not {skill} at first,\" said {friend}. \"I tried it a hundred times.\"",
                "Then {he} met {a_friend}. \"Nobody can {skill} on the first day,\" said {friend}.",
            ],
            &[
                "\"Will you help me?\" asked {hero}. \"Of course,\" said {friend}.",
                "\"Come, I will show you,\" said {friend}.",
            ],
            &[
                "They practiced every day. On Monday {hero} fell five times. On Friday {he} fell only once.",
                "Day after day they practiced, in the sun and in the rain.",
            ],
            &[
                "And then, one morning, it worked. \"Look! I can {skill}!\" called {hero}.",
                "At the end of the summer, {hero} could {skill} as well as {friend}.",
            ],
            &[
                "",
                "\"I knew it,\" said {friend}.",
                "If you try again and again, you will learn it.",
                "Now {hero} teaches the little ones to {skill}.",
            ],
        ],
    },
    Plot {
        topic: "{a_kind} who gets lost",
        objects: &[],
        traits: &["curious", "playful", "lively", "brave"],
        beats: &[
            &[
                "One day, {hero} followed a {color2} butterfly. {He} ran and ran.",
                "One afternoon, {hero} walked too far. {He} looked only at the flowers.",
            ],
            &[
                "When {he} stopped, {he} did not know where {he} was.",
                "Then {he} looked around. Everything was strange.",
            ],
            &[
                "\"Where is my {home}?\" {he} called. Nobody answered. It was getting dark.",
                "The sun went down, and {hero} was alone and cold.",
            ],
            &[
                "{He} sat down and cried. Then {he} heard a friendly voice. It was {a_friend}.",
                "Then {a_friend} came by. \"Why are you crying?\" asked {friend}. \"I am lost,\" said {hero}.",
            ],
            &[
                "\"What can you see from your {home}?\" asked {friend}. \"A big tree and a [hill|river|tower],\" said {hero}.",
                "\"Tell me about your {home},\" said {friend}. \"It is near a tall tree,\" said {hero}.",
            ],
            &[
                "\"I know that tree!\" said {friend}. {Fhe} took {him} along a narrow path.",
                "\"Then we must follow the water,\" said {friend}. They walked side by side.",
            ],
            &[
                "Soon {hero} saw the big tree, and there was {his} {home}!",
                "At last they saw the tree in the light of the moon. {Hero} was home again.",
            ],
            &[
                "{His} mother hugged {him}. \"Thank you, {dear},\" she said. And they all had {food} for dinner.",
                "From that day on, {hero} always looked back to remember the way.",
            ],
        ],
    },
    Plot {
        topic: "a race between {a_kind} and {a_friend_kind}",
        objects: &[],
        traits: &["slow", "calm", "patient", "steady"],
        beats: &[
            &[
                "One day, {hero} met {a_friend}, who was very fast.",
                "{Hero} had a neighbor, {a_friend}. {Friend} was fast and knew it.",
            ],
            &[
                "\"Nobody is as fast as I am,\" said {friend}. \"Do you want to race?\"",
                "\"You are so slow,\" laughed {friend}. \"Let us run a race to the old bridge.\"",
            ],
            &[
                "\"Yes,\" said {hero}. \"We start tomorrow morning.\"",
                "{Hero} was not afraid. \"Good,\" {he} said.",
            ],
            &[
                "In the morning, everyone came to watch. One, two, three, go!",
                "Somebody counted to three, and the race began.",
            ],
            &[
                "{Friend} ran so fast that {hero} could not see {fhim} any more.",
                "Soon {friend} was far ahead.",
            ],
            &[
                "But then {friend} stopped to show off and [fell into the mud|took a rest|hurt a foot].",
                "Then {friend} took a wrong turn, because {fhe} did not look.",
            ],
            &[
                "{Hero} came along, step by step. {He} stopped to help {fhim}. \"Let us go on together,\" {he} said.",
                "When {hero} came by, {he} saw that {friend} needed help. {He} stopped and helped {fhim}.",
            ],
            &[
                "They crossed the line at the same time. Everyone cheered.",
                "So they reached the end side by side. \"You are the real winner,\" said {friend}.",
            ],
            &["", "It is good to be fast, but it is better to be kind."],
        ],
    },
    Plot {
        topic: "{a_kind} who crosses a river",
        objects: &[],
        traits: &["brave", "clever", "strong", "careful"],
        beats: &[
            &[
                "{Hero} wanted to visit {his} grandmother on the other side of the water.",
                "One day, {hero} wanted to find {food} on the other side of the water.",
            ],
            &[
                "But the water was deep and cold, and there was no way to cross.",
                "But the old bridge was broken, and the water was fast.",
            ],
            &[
                "{He} tried to jump from stone to stone. Splash! {He} was wet.",
                "First {he} tried to walk through it, but it was too deep.",
            ],
            &[
                "On the shore sat {a_friend}. \"I want to cross it too,\" said {friend}.",
                "{A_friend} watched {him}. \"Alone it does not work,\" said {friend}.",
            ],
            &[
                "{Hero} saw an old log. \"Let us make a boat,\" {he} said.",
                "\"I have a rope,\" said {hero}. \"And I have some wood,\" said {friend}.",
            ],
            &[
                "They pushed the wood into the water and climbed on it.",
                "They worked for an hour and built a little raft.",
            ],
            &[
                "The raft rocked from side to side, but {hero} held on to {friend}. Soon they were on the other side.",
                "Slowly they moved across, and at last they felt dry land.",
            ],
            &[
                "\"We did it!\" they called, and danced in the grass.",
                "\"Two heads are better than one,\" said {friend}.",
            ],
        ],
    },
    Plot {
        topic: "{a_kind} who wishes on a star",
        objects: &[],
        traits: &["quiet", "lonely", "hopeful", "gentle"],
        beats: &[
            &[
                "One clear night, {hero} looked at the sky and saw a falling star.",
                "One night, a bright star fell from the sky.",
            ],
            &[
                "\"I wish for {a_look_obj},\" {he} said, and closed {his} eyes.",
                "\"You have one wish,\" said the star. \"Then I wish for {a_look_obj},\" said {hero}.",
            ],
            &[
                "The next morning, {he} looked for it. There was no {obj}.",
                "{He} waited all night, but no {obj} came.",
            ],
            &[
                "But outside there was {a_friend}. {Friend} looked sad.",
                "Instead, {a_friend} was sitting at the door.",
            ],
            &[
                "\"The star fell, and I made a wish,\" said {friend}. \"I wished for a friend, but I am still alone.\"",
                "\"I made a wish last night,\" said {friend}. \"I wished for somebody to talk to.\"",
            ],
            &[
                "{Hero} forgot about the {obj}. \"Come in,\" {he} said. \"You are not alone any more.\"",
                "\"Then your wish came true,\" said {hero}. \"I am here.\"",
            ],
            &[
                "They talked all day, and they never ran out of words.",
                "They ate {food} and laughed until the evening.",
            ],
            &[
                "\"I got something better than {a_obj},\" thought {hero}.",
                "Now {hero} had a friend, and that was worth more than any {obj}.",
            ],
        ],
    },
];
