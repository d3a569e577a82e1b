//! Short stories: a cast, an opening, the beats of a plot, and sometimes a last line.

mod cast;
mod plots_of_courage;
mod plots_of_friends;
mod plots_of_things;
mod plots_of_wonder;
mod plots_of_work;

use super::{
    phrase::{Slots, fragment, say},
    random::Dice,
};
use cast::Cast;

/// A plot: its beats in order, each with sentences to choose from.
pub(super) struct Plot {
    /// What the story is about, after "a story about": a pattern.
    pub(super) topic: &'static str,
    /// The things that fit into it; any where there are none.
    pub(super) objects: &'static [&'static str],
    /// Words for the hero, true for the whole plot.
    pub(super) traits: &'static [&'static str],
    /// From the setting to the end. An empty alternative leaves a beat out.
    pub(super) beats: &'static [&'static [&'static str]],
}

const OPENINGS: [&str; 7] = [
    "Once upon a time, there was {a_hero} who lived {at}.",
    "Once upon a time, {a_hero} lived {at}.",
    "There once was {a_hero} who lived {at}.",
    "{A_hero} lived {at}.",
    "Once there was {a_hero}. {He} lived {at}.",
    "[Long ago|Not long ago], {a_hero} lived {at}.",
    "In a [small|quiet|warm] [house|home] {at} lived {a_hero}.",
];

const CHARACTERS: [&str; 6] = [
    "",
    "{Hero} was very {trait}.",
    "{Hero} was {trait}, and everyone {at} knew it.",
    "Everyone said that {hero} was {trait}.",
    "{Hero} was [small|young] but {trait}.",
    "{Hero} liked [to sing|to play|to walk|the sun|long walks|the smell of rain|good stories].",
];

/// The plots.
fn plots() -> impl Iterator<Item = &'static Plot> {
    plots_of_things::PLOTS
        .iter()
        .chain(&plots_of_friends::PLOTS)
        .chain(&plots_of_courage::PLOTS)
        .chain(&plots_of_wonder::PLOTS)
        .chain(&plots_of_work::PLOTS)
}

/// Writes a story: bare, after an instruction that asks for it, or under a title.
pub(super) fn write(dice: &mut Dice) -> String {
    let plots: Vec<&Plot> = plots().collect();
    let plot: &Plot = dice.pick(&plots);
    let mut slots = Cast::draw(plot, dice).slots();
    slots.bind("trait", dice.pick(plot.traits));
    let story = tell(plot, &slots, dice);
    let about = about(plot, &story, &slots, dice);
    match dice.below(6) {
        0 | 1 => {
            let asking = dice.pick(&["Write a short story", "Write a story", "Tell me a story"]);
            format!("{asking} {about}.\n\n{story}\n")
        }
        2 => format!("# A story {about}\n\n{story}\n"),
        _ => format!("{story}\n"),
    }
}

/// What the story is about: its topic, or its hero and a thing that occurs in it.
fn about(plot: &Plot, story: &str, slots: &Slots, dice: &mut Dice) -> String {
    let names_thing = dice.chance(40) && story.contains(&fragment("{obj}", slots, dice));
    let topic = if names_thing { "{a_kind} and {a_obj}" } else { plot.topic };
    fragment(&format!("about {topic}"), slots, dice)
}

fn tell(plot: &Plot, slots: &Slots, dice: &mut Dice) -> String {
    let mut story = say(dice.pick(&OPENINGS), slots, dice);
    append(&mut story, &say(dice.pick(&CHARACTERS), slots, dice), " ");
    let turn = plot.beats.len() / 2;
    let has_paragraphs = dice.chance(50);
    for (at, beat) in plot.beats.iter().enumerate() {
        let between = if has_paragraphs && (at == 0 || at == turn + 1) { "\n\n" } else { " " };
        append(&mut story, &say(dice.pick(beat), slots, dice), between);
    }
    story
}

fn append(story: &mut String, part: &str, between: &str) {
    if !part.is_empty() {
        story.push_str(between);
        story.push_str(part);
    }
}
