// Defect: the reply stays in a PrintWriter that nobody flushes, and Socket.close() knows nothing of it.

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.ServerSocket;
import java.net.Socket;

public class LeavesUnflushed {
    public static void main(String[] args) throws IOException {
        int port = args.length > 0 ? Integer.parseInt(args[0]) : 54321;
        ServerSocket listener = new ServerSocket(port, 64);
        System.out.println("Server is listening on port " + port);
        while (true) {
            Socket client = listener.accept();
            new Thread(() -> serve(client)).start();
        }
    }

    private static void serve(Socket client) {
        try (client) {
            BufferedReader in = new BufferedReader(new InputStreamReader(client.getInputStream()));
            PrintWriter out = new PrintWriter(client.getOutputStream());
            String line = in.readLine();
            if (line != null) {
                out.print(line.toUpperCase() + "\n");
            }
        } catch (IOException error) {
            System.err.println(error.getMessage());
        }
    }
}
