// Design: Executors.newFixedThreadPool(100), which starts a thread for each of its first hundred clients.

import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

public class FillsPool {
    public static void main(String[] args) throws Exception {
        int port = args.length > 0 ? Integer.parseInt(args[0]) : 54321;
        ExecutorService pool = Executors.newFixedThreadPool(100);
        try (ServerSocket listener = new ServerSocket(port, 64)) {
            System.out.println("Server is listening on port " + port);
            while (true) {
                try {
                    Socket conn = listener.accept();
                    try {
                        pool.execute(() -> serve(conn));
                    } catch (OutOfMemoryError e) {
                        conn.close();
                    }
                } catch (IOException e) {
                    Thread.sleep(50);
                }
            }
        }
    }

    private static void serve(Socket conn) {
        try (conn) {
            InputStream in = conn.getInputStream();
            byte[] data = new byte[4096];
            boolean whole = false;
            for (int got; !whole && (got = in.read(data)) > 0; ) {
                for (int i = 0; i < got; i++) {
                    whole |= data[i] == '\n';
                    if (data[i] >= 'a' && data[i] <= 'z') data[i] -= 32;
                }
                conn.getOutputStream().write(data, 0, got);
            }
        } catch (IOException e) {
            System.err.println(e.getMessage());
        }
    }
}
