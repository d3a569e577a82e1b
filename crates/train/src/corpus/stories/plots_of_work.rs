//! Plots of work and play: seeds, cakes, bridges, snow, rainy days, noises.

use super::Plot;

pub(super) const PLOTS: [Plot; 6] = [
    Plot {
        topic: "{a_kind} who plants a seed",
        objects: &[],
        traits: &["patient", "careful", "quiet", "calm"],
        beats: &[
            &[
                "In spring, {hero} found a tiny seed. {He} put it into the ground.",
                "One spring day, {hero} planted a seed behind {his} house.",
            ],
            &["{He} gave it water every morning.", "Every day {he} brought water and sang to it."],
            &[
                "But nothing happened. One week went by, then two weeks.",
                "Days went by, and there was nothing to see.",
            ],
            &[
                "\"Nothing will grow there,\" said {a_friend}. \"Come and play.\"",
                "{A_friend} laughed. \"You give water to the mud,\" said {friend}.",
            ],
            &[
                "But {hero} did not stop. \"It needs time,\" {he} said.",
                "\"Wait and see,\" said {hero}, and {he} brought more water.",
            ],
            &[
                "One morning, there was a small green leaf. It grew and grew.",
                "Then it rained for a night, and in the morning there was a little green plant.",
            ],
            &[
                "In summer, the plant was taller than {hero}, with a big {color2} flower on top.",
                "In autumn, it was a big plant, full of sweet {color2} fruit.",
            ],
            &[
                "\"You were right,\" said {friend}. \"Will you give me a seed too?\" {Hero} gave {fhim} three.",
                "Everyone came to see it, and {hero} shared the seeds with all of them.",
                "Good things need time.",
            ],
        ],
    },
    Plot {
        topic: "{a_kind} who bakes a cake",
        objects: &[],
        traits: &["cheerful", "friendly", "busy", "happy"],
        beats: &[
            &[
                "One day, {hero} wanted to bake a cake for the party {at}.",
                "{Hero} loved to bake. Today {he} wanted to make a big cake.",
            ],
            &[
                "{He} took flour, milk and butter. But there were no eggs!",
                "{He} had flour, butter and eggs, but no sugar.",
            ],
            &[
                "So {he} went to {a_friend} and knocked. \"I am baking a cake, but something is missing,\" {he} said.",
                "\"I will ask my neighbor,\" {he} said. The neighbor was {a_friend}.",
            ],
            &[
                "\"You can have mine,\" said {friend}, \"if I may help you.\"",
                "\"I have some,\" said {friend}. \"Let us bake together.\"",
            ],
            &[
                "They mixed everything in a big bowl. There was flour on the floor and on their noses.",
                "{Hero} mixed, and {friend} read the recipe.",
            ],
            &[
                "They put the cake into the oven and waited. Soon the whole house smelled sweet.",
                "Then they talked so much that they forgot the time. The cake was almost burned!",
            ],
            &[
                "They took it out just in time. It was [brown|golden] and soft.",
                "The cake came out big and round. They put {food_topping} on top.",
            ],
            &[
                "Everyone at the party got a piece, and the biggest one was for {friend}.",
                "They ate two pieces each and gave the rest to their friends.",
                "\"It tastes better because we made it together,\" said {hero}.",
            ],
        ],
    },
    Plot {
        topic: "{a_kind} on a rainy day",
        objects: &[],
        traits: &["cheerful", "lively", "clever", "curious"],
        beats: &[
            &[
                "It rained and rained. {Hero} could not go outside.",
                "One day, it did not stop raining. {Hero} looked out of the window.",
            ],
            &["\"I am so bored,\" {he} said.", "\"What can I do all day?\" {he} asked."],
            &[
                "Then {a_friend} came, all wet. \"May I come in?\" asked {friend}.",
                "There was a knock. It was {a_friend} with a {color2} umbrella.",
            ],
            &[
                "{Friend} saw {a_obj} in the corner. \"Let us play with that!\" {fhe} said.",
                "\"We can play inside,\" said {friend}. \"Do you have {a_obj}?\" \"Yes!\" said {hero}.",
            ],
            &[
                "They made a ship out of two chairs and a blanket. The {obj} was the treasure.",
                "They built a castle out of pillows, and the {obj} belonged to the king.",
            ],
            &[
                "They sailed over the sea and fought against the waves.",
                "{Hero} was the king, and {friend} was the dragon. Then they changed.",
            ],
            &[
                "When they looked up, the rain was over. There was a rainbow over the {place}.",
                "They did not even see that the sun had come out.",
            ],
            &[
                "\"Already?\" said {hero}. \"I hope that it rains again tomorrow.\"",
                "They ran outside and jumped into every puddle.",
            ],
        ],
    },
    Plot {
        topic: "{a_kind} who builds a bridge",
        objects: &[],
        traits: &["strong", "clever", "busy", "helpful"],
        beats: &[
            &[
                "There was a small stream {at}, and everyone got wet feet.",
                "After the storm, the little bridge over the stream was gone.",
            ],
            &[
                "\"Somebody should build a bridge,\" said everyone. But nobody did it.",
                "Everyone was sad about it, but nobody had time.",
            ],
            &[
                "\"I will do it,\" said {hero}. {He} carried wood all morning.",
                "So {hero} started alone. {He} carried stones, one after the other.",
            ],
            &[
                "It was hard work. In the evening, {he} was very tired.",
                "On the second day, {his} arms were weak. The bridge was not even half done.",
            ],
            &[
                "Then {a_friend} came. \"Why do you work alone?\" asked {friend}. \"I will help you.\"",
                "{A_friend} saw {him} and felt sorry. \"Four hands are better than two,\" said {friend}.",
            ],
            &[
                "When the others saw them, they came too. One brought a rope, one brought nails.",
                "Soon more helpers came, and they sang while they worked.",
            ],
            &[
                "After three days, the bridge was ready. It was strong and beautiful.",
                "Before the sun went down, the last piece was in place.",
            ],
            &[
                "{Hero} was the first to cross it. Everyone cheered.",
                "They painted it {color2} and had a party. And nobody had wet feet again.",
                "Many small hands can do big work.",
            ],
        ],
    },
    Plot {
        topic: "{a_kind} who makes a snowman",
        objects: &[],
        traits: &["cheerful", "lively", "happy", "kind"],
        beats: &[
            &[
                "One morning in winter, everything was white. \"Snow!\" called {hero}.",
                "In the night it had snowed. {Hero} ran outside.",
            ],
            &[
                "{He} called {his} friend {friend}. \"Let us make a snowman!\"",
                "Outside {he} met {a_friend}. \"Shall we make a snowman?\" asked {hero}. \"Yes!\" said {friend}.",
            ],
            &[
                "They made one big ball, one middle ball and one small ball.",
                "They rolled the snow until it was as tall as {friend}.",
            ],
            &[
                "{Hero} gave it a carrot for a nose, and {friend} gave it two stones for eyes.",
                "They used nuts for the eyes and a stick for the nose.",
            ],
            &[
                "\"It looks cold,\" said {friend}. So {hero} gave it a {color2} scarf.",
                "\"Something is missing,\" said {hero}. {Friend} put a {color2} hat on its head.",
            ],
            &[
                "They danced around the snowman until their feet were cold.",
                "Then they threw snow at each other and laughed.",
            ],
            &[
                "A week later, the sun came out, and the snowman got smaller every day.",
                "When spring came, the snowman was gone. {Hero} was sad.",
            ],
            &[
                "\"It will come back next winter,\" said {friend}. And so it did.",
                "But in the grass they found the first flower. \"That is its gift to us,\" said {friend}.",
            ],
        ],
    },
    Plot {
        topic: "{a_kind} and a strange noise",
        objects: &["drum", "bell", "clock", "whistle", "flute"],
        traits: &["curious", "brave", "clever", "careful"],
        beats: &[
            &[
                "Every evening, there was a strange noise {at}. Nobody knew what it was.",
                "One evening, {hero} heard a strange noise.",
            ],
            &[
                "\"It is a monster,\" said some. \"It is the wind,\" said others.",
                "Everyone was afraid and stayed at home.",
            ],
            &[
                "But {hero} wanted to know. {He} asked {his} friend {friend} to come along.",
                "\"I will find out what it is,\" said {hero}. {His} friend {friend} went with {him}.",
            ],
            &[
                "They walked on soft feet. The noise became louder and louder.",
                "They followed the noise [to an old house|to a deep cave|to a hollow tree].",
            ],
            &[
                "\"I am scared,\" whispered {friend}. \"I am here,\" said {hero}.",
                "{Friend} held the hand of {hero}. They looked inside.",
            ],
            &[
                "There was no monster. There was only an old man with {a_obj}.",
                "It was not a monster at all. A tiny bug was playing with {a_obj}!",
            ],
            &[
                "\"I play it because I am alone,\" the voice said. \"Did I scare you?\"",
                "\"Do you like my {obj}?\" the voice asked. \"It is beautiful,\" said {hero}.",
            ],
            &[
                "The next evening, everyone came to listen to the {obj}, and nobody was afraid.",
                "They listened until the moon was high. Then they went home and told everyone the truth.",
                "From then on, the noise was their favorite music.",
            ],
        ],
    },
];
