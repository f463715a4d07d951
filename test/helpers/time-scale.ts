/** How many times longer than on a real machine things may take here: test/run.ts sets it in an emulated one. */
export const TIME_SCALE = Number(process.env.TEST_TIME_SCALE ?? 1);
