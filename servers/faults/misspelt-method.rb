# Defect: each thread calls a method that there is not, and ends by that (NoMethodError).

require 'socket'

port = (ARGV[0] || 54321).to_i
listener = TCPServer.new(port)
puts "Server is listening on port #{port}"
$stdout.flush

loop do
  Thread.start(listener.accept) do |conn|
    begin
      conn.write(conn.gets.to_s.capitalise)
    ensure
      conn.close
    end
  end
end
