//! Plots of small wonders: a map, a letter, a bird, a song, a market day, the moon.

use super::Plot;

pub(super) const PLOTS: [Plot; 6] = [
    Plot {
        topic: "{a_kind} who looks for a treasure",
        objects: &[
            "coin", "bell", "book", "shell", "ring", "cup", "flute", "mirror", "clock", "drum",
        ],
        traits: &["curious", "brave", "clever", "lively"],
        beats: &[
            &[
                "One day, {hero} found an old paper between two books. It showed the way to a treasure.",
                "One day, {hero} got a letter from {his} grandfather. It told {him} where a treasure was hidden.",
            ],
            &[
                "\"I need help,\" said {hero}. So {he} asked {his} friend {friend}.",
                "{Hero} showed it to {his} friend {friend}. \"Let us find it!\" said {friend}.",
            ],
            &[
                "First they went past a big rock. Then they crossed a small stream.",
                "They counted ten steps to the left and ten steps to the right.",
            ],
            &[
                "In the end they came to an old tree. \"Here it is!\" said {friend}.",
                "At last they stood in front of a white stone. \"We must dig here,\" said {hero}.",
            ],
            &[
                "They dug and dug until they were tired. There was nothing but earth.",
                "{Hero} dug a deep hole, and {friend} carried the earth away.",
            ],
            &[
                "\"One more time,\" said {hero}. Then they heard a sound. It was a wooden box!",
                "They wanted to go home, but then {friend} saw the corner of a box.",
            ],
            &[
                "Inside the box was a {look} {obj}. \"It is very old,\" said {friend}.",
                "They opened it slowly. In the box lay a {look} {obj}.",
            ],
            &[
                "\"The best part was to look for it with you,\" said {hero}.",
                "They gave the {obj} to the school, so that everyone could see it.",
                "They shared the treasure, and they talked about that day for years.",
            ],
        ],
    },
    Plot {
        topic: "{a_kind} who helps a little bird",
        objects: &[],
        traits: &["kind", "gentle", "patient", "caring"],
        beats: &[
            &[
                "One morning after the storm, {hero} found a little bird on the ground.",
                "One day, {hero} heard a soft cry. A little bird had fallen from its nest.",
            ],
            &["It could not fly, because its wing was hurt.", "The bird was cold and afraid."],
            &[
                "{Hero} put it into a box and carried it home.",
                "{Hero} took it home in both hands, very slowly.",
            ],
            &[
                "{He} did not know what birds eat, so {he} asked {a_friend}. \"Give it seeds and water,\" said {friend}.",
                "{A_friend} came to see it. \"It needs seeds and a warm place,\" said {friend}.",
            ],
            &[
                "Every morning, {hero} fed the bird. Every evening, {friend} sang for it.",
                "Day by day, the bird ate more and became stronger.",
            ],
            &[
                "After two weeks, the bird moved its wings. \"It wants to fly,\" said {friend}.",
                "One day, the bird jumped onto the window and looked at the sky.",
            ],
            &[
                "{Hero} was sad, but {he} opened the window. The bird flew up, high over the {place}.",
                "\"Go, little bird,\" said {hero}. And it flew away.",
            ],
            &[
                "The next spring, the bird came back and sang at the window of {hero}.",
                "Every morning after that, {hero} heard its song. And {he} knew that it was happy.",
                "\"You did well,\" said {friend}. They waved until they could not see it any more.",
            ],
        ],
    },
    Plot {
        topic: "{a_kind} who goes to the market",
        objects: &[
            "drum", "lamp", "bell", "ball", "kite", "hat", "book", "cup", "flute", "scarf",
            "basket", "blanket", "umbrella",
        ],
        traits: &["careful", "clever", "friendly", "honest"],
        beats: &[
            &[
                "{Hero} had saved {coins} coins. Today {he} went to the market to buy {a_obj}.",
                "One day, {his} mother gave {him} {coins} coins. \"Go and buy {a_obj},\" she said.",
            ],
            &[
                "There were many people, and everything was loud and bright.",
                "The first shop had only bread, and the second shop had only shoes.",
            ],
            &[
                "At last {he} saw a {look} {obj}. It cost {coins} coins.",
                "Then {he} saw it: a {look} {obj} for {coins} coins.",
            ],
            &[
                "But next to the shop sat {a_friend}. {Friend} had nothing to eat.",
                "Just then {he} saw {a_friend}, who looked hungry and cold.",
            ],
            &[
                "{Hero} looked at the {obj}, and then {he} looked at {friend}.",
                "{Hero} held the coins in {his} hand and thought for a long time.",
            ],
            &[
                "Then {he} bought warm soup for {friend}. Now there was not enough left for the {obj}.",
                "\"Come,\" {he} said, and {he} bought bread and cheese for {friend}.",
            ],
            &[
                "The owner of the shop had seen everything. \"You are {trait},\" he said. \"Take the {obj} for what you have left.\"",
                "\"I saw what you did,\" said the old woman in the shop. \"The {obj} is a gift from me.\"",
            ],
            &[
                "{Hero} went home with the {look} {obj} and a new friend.",
                "{Hero} thanked them and ran home to tell the story.",
                "So {hero} got the {obj} after all.",
            ],
        ],
    },
    Plot {
        topic: "{a_kind} who sings a song",
        objects: &[],
        traits: &["shy", "quiet", "eager", "gentle"],
        beats: &[
            &[
                "{Hero} loved to sing, but only when nobody could hear {him}.",
                "{Hero} had a beautiful voice, but {he} never sang in front of others.",
            ],
            &[
                "Soon there was a big party {at}, and everyone wanted to show something.",
                "One day, there was a contest {at}. Everyone could sing or dance.",
            ],
            &[
                "\"I cannot do it,\" said {hero}. \"My voice is too small.\"",
                "{Hero} wanted to take part, but {he} was too shy.",
            ],
            &[
                "{A_friend} heard {him} sing behind the house. \"That is wonderful!\" said {friend}.",
                "One evening, {a_friend} heard the song. \"Who sings so well?\" asked {friend}.",
            ],
            &[
                "\"Look only at me while you sing,\" said {friend}. \"I will sit in front.\"",
                "\"I will stand next to you,\" said {friend}. \"Then you are not alone.\"",
            ],
            &[
                "The evening came. {Hero} stood in the light, and it was very quiet.",
                "When it was {his} turn, {his} legs were weak.",
            ],
            &[
                "Then {he} looked at {friend} and began to sing. First {he} sang softly, then louder and louder.",
                "{He} closed {his} eyes and sang. Nobody moved.",
            ],
            &[
                "At the end, everyone cheered. \"Again, again!\" they called.",
                "It was the most beautiful song of the night.",
                "From that day on, {hero} sang every morning, and the whole {place} listened.",
            ],
        ],
    },
    Plot {
        topic: "{a_kind} who writes a letter",
        objects: &[],
        traits: &["quiet", "kind", "lonely", "patient"],
        beats: &[
            &[
                "{Hero} had a friend who lived far away. The friend was {friend}.",
                "Last year {his} best friend {friend} had moved away. {Hero} missed {fhim} very much.",
            ],
            &[
                "One day, {hero} sat down and wrote a letter. \"Dear {dear}, how are you?\" {he} wrote.",
                "\"I will write a letter,\" said {hero}. {He} took a pen and paper.",
            ],
            &[
                "{He} told {fhim} about the {place} and about the {look} {obj} that {he} had found.",
                "{He} wrote about the weather, and {he} drew a picture of a {look} {obj}.",
            ],
            &[
                "Then {he} waited. A week went by, and no answer came.",
                "Every day {he} looked for an answer, but there was nothing.",
            ],
            &[
                "\"Maybe {fhe} has forgotten me,\" thought {hero}.",
                "{Hero} was sad and did not want to play.",
            ],
            &[
                "Then, one afternoon, somebody knocked at the door.",
                "On Sunday, {he} heard steps outside.",
            ],
            &[
                "It was {friend}! \"Your letter was so nice that I had to come,\" {fhe} said.",
                "There stood {friend} with the letter in {fhis} hand. \"I did not write,\" {fhe} said. \"I wanted to see you.\"",
            ],
            &[
                "They had so much to tell that they talked all night.",
                "They hugged for a long time. {Friend} stayed for the whole summer.",
                "\"Now show me the {obj}!\" said {friend}, and they laughed.",
            ],
        ],
    },
    Plot {
        topic: "{a_kind} who wants to catch the moon",
        objects: &["rope", "basket", "kite", "mirror", "blanket"],
        traits: &["curious", "stubborn", "hopeful", "playful"],
        beats: &[
            &[
                "Every night, {hero} looked at the moon. \"I want to have it,\" {he} said.",
                "One night, the moon was big and round. {Hero} wanted to catch it.",
            ],
            &[
                "{He} climbed on a chair, but the moon was too high.",
                "First {he} jumped as high as {he} could. It was not high enough.",
            ],
            &[
                "Then {he} climbed a tall tree. The moon was still far away.",
                "Then {he} ran after it, but the moon ran too.",
            ],
            &[
                "{A_friend} watched {him}. \"What are you doing?\" asked {friend}. \"I want the moon,\" said {hero}.",
                "\"You cannot catch the moon,\" said {a_friend}. {Hero} began to cry.",
            ],
            &[
                "{Friend} thought about it. \"Come with me and bring {a_obj},\" {fhe} said.",
                "\"Do not be sad,\" said {friend}. \"Bring {a_obj} and follow me.\"",
            ],
            &[
                "They went to a quiet pond. In the water was the moon, white and round.",
                "{Friend} led {him} to the water. \"Look down,\" {fhe} said. There was the moon!",
            ],
            &[
                "{Hero} put a hand into the water, and the moon broke into a hundred lights. Then it was whole again.",
                "\"It is so near,\" whispered {hero}. {He} did not need the {obj} any more.",
            ],
            &[
                "\"The moon belongs to everyone,\" said {friend}. And they sat there until morning.",
                "\"Now it shines for both of us,\" said {hero}.",
                "After that, they came to the pond on every clear night.",
            ],
        ],
    },
];
