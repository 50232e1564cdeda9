// Tests of the compiler from graphs to plans, and what runs them.
