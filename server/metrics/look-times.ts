/** A post's numbers are asked for the first time this long after it was published. */
export const FIRST_LOOK_MINUTES = 2;

/** And then at these ages, in hours: an hour, six, a day, three, a week, thirty days; never after that. */
export const LATER_LOOK_HOURS: readonly number[] = [1, 6, 24, 72, 168, 720];
