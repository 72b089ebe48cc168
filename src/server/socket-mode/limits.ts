/** As many WebSockets as Slack allows an app (Slack: Using Socket Mode). */
export const maxConnections = 10;
