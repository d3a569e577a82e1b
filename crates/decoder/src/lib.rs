//! Guess and verify: the acceptance walk and the generation loop
