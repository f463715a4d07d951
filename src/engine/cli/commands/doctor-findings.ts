import { Command } from "commander";

export function doctorFindingsCommand(): Command {
  return new Command("doctor-findings").summary("tell an ordinary user's doctor what is seen in the user's namespace");
}
