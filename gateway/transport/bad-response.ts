// What an answer that breaks HTTP/1.1, or goes beyond its bounds, is told as.

/** The message goes on after the name of whoever answered: "sent …", "answered …". */
export class BadResponse extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BadResponse';
  }
}
