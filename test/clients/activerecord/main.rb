# ActiveRecord: a class on the view with a key of its own; save sends what changed.
require "active_record"

ActiveRecord::Base.establish_connection(adapter: "postgresql", host: ENV["PGHOST"], port: ENV["PGPORT"], username: ENV["PGUSER"], database: ENV["PGDATABASE"], pool: 6)
ActiveRecord.default_timezone = :utc if ActiveRecord.respond_to?(:default_timezone=)

# A column named version would do for optimistic locking; two classes show both.
class PlainCase < ActiveRecord::Base
  self.table_name = "feedback_nps.followup_all"
  self.primary_key = "case_id"
end

class Case < PlainCase
  self.locking_column = "version"
end

class Concern < ActiveRecord::Base
  self.table_name = "feedback_nps.concern"
end

def check(name)
  limit = yield
  puts [name, limit.is_a?(String) ? "limit" : "ok", limit.is_a?(String) ? limit : ""].join("\t")
rescue Exception => error # rubocop:disable Lint/RescueException
  warn error.full_message(highlight: false)
  puts [name, "FAILED", error.message.split.join(" ")[0, 400]].join("\t")
end

def expect(what, wanted)
  raise "#{what.inspect} instead of #{wanted.inspect}" unless what == wanted
  true
end

def refused(code)
  yield
rescue ActiveRecord::StatementInvalid => error
  expect(error.cause.result.error_field(PG::Result::PG_DIAG_SQLSTATE), code)
else
  raise "no error #{code}"
end

def rows(query)
  ActiveRecord::Base.connection.exec_query(query).to_a
end

def history(id)
  rows("SELECT what_changed FROM feedback_nps.followup_event WHERE case_id = #{id} ORDER BY place").map { |row| row["what_changed"] }
end

# Sends every column.
def save_all(row, changes = {})
  row.class.where(case_id: row.case_id).update_all(row.attributes.except("case_id").merge(changes.stringify_keys))
end

RELATIONS = rows("SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'feedback_nps' AND c.relkind IN ('r', 'p', 'v') ORDER BY 1").map { |row| row["relname"] }
WAITING = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock') AS waiting"

check("introspect") do
  RELATIONS.each do |name|
    unknown = ActiveRecord::Base.connection.columns("feedback_nps.#{name}").select { |column| column.type.nil? }
    expect([name, unknown.map(&:name)], [name, []])
  end
  true
end

check("read") do
  RELATIONS.each do |name|
    model = Class.new(ActiveRecord::Base) { self.table_name = "feedback_nps.#{name}"; self.inheritance_column = nil }
    model.all.map(&:attributes)
  end
  row = PlainCase.find(1)
  expect([row.score, row.responded_at.usec, row.version], [1, 123456, 0])
  true
end

check("parameters") do
  expect(PlainCase.where(case_id: ...20).pick(Arel.sql("nps_score(score)")), -100.0)
  row = ActiveRecord::Base.connection.exec_query("SELECT nps_category($1) AS text, nps_category($2::integer) AS category, nps_parse_score($3) AS score", "SQL",
    ["9", 9, "10 - very"].map { |value| ActiveRecord::Relation::QueryAttribute.new("x", value, ActiveModel::Type::Value.new) }).first
  expect(row.values, ["promoter", "promoter", 10.0])
end

check("partial_save") do
  PlainCase.transaction do
    rows("SELECT set_config('nps.actor', 'ana', true)")
    row = PlainCase.find(1)
    row.update!(status: "contacted", channel: row.channel_advised, note: "called")
  end
  expect(history(1).sort, %w[channel contacted_at status])
end

check("unchanged_save") do
  expect(save_all(PlainCase.find(2)), 1)
  expect([history(2), PlainCase.find(2).version], [[], 0])
end

check("changed_save") do
  save_all(PlainCase.find(3), plan: "send a voucher")
  expect([history(3), PlainCase.find(3).version], [["plan"], 1])
end

check("stale_version") do
  row = PlainCase.find(4)
  PlainCase.find(4).update!(plan: "mine")
  refused("55000") { save_all(row, plan: "theirs") }
end

check("stale_where") do
  row = Case.find(5)
  PlainCase.find(5).update!(plan: "mine")
  begin
    row.update!(plan: "theirs")
    raise "no error"
  rescue ActiveRecord::StaleObjectError
    true
  end
end

check("two_saves") do
  row = Case.find(6)
  row.update!(plan: "one")
  row.update!(status: "contacted", channel: "phone")
  row.update!(plan: "two")
  expect([row.version, history(6).sort], [3, %w[channel contacted_at plan plan status]])
  # it reads nothing back by itself
  expect([row.contacted_at.nil?, row.reload.contacted_at.nil?], [true, false])
  "reads nothing back: reload shows what a step set besides"
end

check("flush") do
  Case.transaction do
    Concern.create!(case_id: 7, concern: "the price")
    Case.find(7).update!(status: "contacted", channel: "phone")
  end
  expect([Case.find(7).open_concerns, Case.find(7).version], [1, 1])
end

check("batch") do
  expect(PlainCase.where(case_id: 8..10).update_all(assigned_to: "bert"), 3)
  (8..10).each { |id| expect(history(id), ["assigned_to"]) }
  # its upsert is an INSERT with a key
  begin
    PlainCase.upsert_all([{ case_id: 8, plan: "x" }])
    raise "no error"
  rescue ArgumentError, ActiveRecord::StatementInvalid
    "upsert_all inserts, and a view of cases takes no INSERT: update_all"
  end
end

check("concern_id") do
  Concern.transaction do
    made = Concern.create!(case_id: 11, concern: "waited")
    expect(rows("SELECT lastval() AS id"), [{ "id" => made.id }])
    made.update!(answer: "sorry")
    expect(made.reload.is_open, false)
  end
end

check("call") do
  refused("25001") { PlainCase.transaction { rows("CALL nps_materialize('feedback_nps')") } }
  rows("CALL nps_materialize('feedback_nps')")
  true
end

check("claim") do
  handed = (1..4).map do |worker|
    Thread.new do
      ActiveRecord::Base.connection_pool.with_connection do |connection|
        mine = []
        loop do
          cases = connection.exec_query("SELECT case_id FROM nps_claim('feedback_nps', 'worker #{worker}', NULL::bigint, 'ask for the reason', 7)").rows.flatten
          break mine if cases.empty?
          mine.concat(cases)
        end
      end
    end
  end.flat_map(&:value)
  expect(handed.sort, (101..160).to_a)
end

check("retry") do
  tries = 0
  waiting = nil
  PlainCase.transaction do
    PlainCase.find(12).update!(plan: "mine")
    waiting = Thread.new do
      ActiveRecord::Base.connection_pool.with_connection do
        begin
          tries += 1
          PlainCase.find(12).update!(assigned_to: "bert")
        rescue ActiveRecord::SerializationFailure
          retry if tries < 5
          raise
        end
      end
    end
    600.times do
      break if rows(WAITING).first["waiting"]
      sleep 0.05
    end
  end
  waiting.value
  row = PlainCase.find(12)
  expect([tries, row.assigned_to, row.plan], [2, "bert", "mine"])
end
