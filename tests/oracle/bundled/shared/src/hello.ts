import { greet } from "./greet";
import * as path from "node:path";

export const handler = async (event: { name?: string }): Promise<string> => greet(event.name ?? path.sep);
export const again = async (): Promise<string | undefined> => process.env.STAGE;
