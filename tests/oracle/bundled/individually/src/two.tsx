export const handler = async (): Promise<number> => 2;
