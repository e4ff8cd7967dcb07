// The shortcodes that messages commonly use.
const TABLE = `
+1 👍|-1 👎|100 💯|alarm_clock ⏰|ambulance 🚑|arrow_down ⬇️|arrow_forward ▶️|arrow_left ⬅️|arrow_right ➡️|arrow_up ⬆️
arrows_counterclockwise 🔄|ballot_box_with_check ☑️|bar_chart 📊|beetle 🐞|bell 🔔|no_bell 🔕|black_circle ⚫|black_square_button 🔲
white_small_square ▫️|black_small_square ▪️|blue_circle 🔵|large_blue_circle 🔵|book 📖|bookmark 🔖|boom 💥|broken_heart 💔|brown_circle 🟤|bug 🐛|bulb 💡|busts_in_silhouette 👥
bust_in_silhouette 👤|calendar 📅|spiral_calendar_pad 🗓️|calling 📲|chart_with_downwards_trend 📉|chart_with_upwards_trend 📈|clap 👏
checkered_flag 🏁|clipboard 📋|clock1 🕐|clock3 🕒|clock9 🕘|hourglass ⌛|hourglass_flowing_sand ⏳|closed_lock_with_key 🔐|cloud ☁️
coffee ☕|construction 🚧|crossed_fingers 🤞|crown 👑|crystal_ball 🔮|dart 🎯|date 📆|desktop_computer 🖥️|door 🚪|ear 👂|email 📧|envelope ✉️
exclamation ❗|heavy_exclamation_mark ❗|grey_exclamation ❕|eyes 👀|face_with_monocle 🧐|fast_forward ⏩|file_folder 📁|fire 🔥|fire_engine 🚒
green_circle 🟢|large_green_circle 🟢|green_heart 💚|grey_question ❔|hammer 🔨|hammer_and_wrench 🛠️|hand ✋|raised_hand ✋|raised_hands 🙌
handshake 🤝|heart ❤️|heavy_check_mark ✔️|heavy_minus_sign ➖|heavy_multiplication_x ✖️|heavy_plus_sign ➕|information_source ℹ️|inbox_tray 📥
key 🔑|label 🏷️|large_orange_circle 🟠|orange_circle 🟠|large_yellow_circle 🟡|yellow_circle 🟡|large_purple_circle 🟣|purple_circle 🟣|link 🔗
lock 🔒|unlock 🔓|loudspeaker 📢|mag 🔍|mailbox 📫|mega 📣|memo 📝|pencil 📝|pencil2 ✏️|moneybag 💰|muscle 💪|mute 🔇|new 🆕|no_entry ⛔|no_entry_sign 🚫
o ⭕|octagonal_sign 🛑|ok ✅|ok_hand 👌|outbox_tray 📤|package 📦|page_facing_up 📄|paperclip 📎|partying_face 🥳|phone ☎️|telephone_receiver 📞
point_right 👉|point_left 👈|point_up ☝️|point_down 👇|pray 🙏|pushpin 📌|question ❓|rainbow 🌈|recycle ♻️|red_circle 🔴|red_square 🟥|repeat 🔁
rewind ⏪|rocket 🚀|rotating_light 🚨|round_pushpin 📍|running 🏃|satellite 🛰️|scales ⚖️|scroll 📜|see_no_evil 🙈|seedling 🌱|shield 🛡️|ship 🚢|sleeping 😴
slightly_smiling_face 🙂|smile 😄|smiley 😃|smirk 😏|snail 🐌|snowflake ❄️|sos 🆘|sparkles ✨|speech_balloon 💬|stopwatch ⏱️|timer_clock ⏲️|star ⭐
star2 🌟|sunny ☀️|sunrise 🌅|sweat_smile 😅|tada 🎉|confetti_ball 🎊|test_tube 🧪|thinking_face 🤔|thought_balloon 💭|thumbsup 👍|thumbsdown 👎
twisted_rightwards_arrows 🔀|ticket 🎫|triangular_flag_on_post 🚩|trophy 🏆|vertical_traffic_light 🚦|traffic_light 🚥|warning ⚠️|wastebasket 🗑️|watch ⌚|wave 👋|white_check_mark ✅
chair 🪑|palm_tree 🌴|leftwards_arrow_with_hook ↩️|white_medium_square ◻️|white_medium_small_square ◽|black_medium_square ◼️
white_circle ⚪|white_square ⬜|wrench 🔧|writing_hand ✍️|x ❌|zap ⚡|zzz 💤|one 1️⃣|two 2️⃣|three 3️⃣|four 4️⃣|five 5️⃣|joy 😂|cry 😢|sob 😭
grin 😁|heart_eyes 😍|sunglasses 😎|wink 😉|sweat 😓|scream 😱|rage 😡|robot_face 🤖|ghost 👻|skull 💀|performing_arts 🎭|clapper 🎬|ladder 🪜
`;
const EMOJI = new Map(TABLE.trim().split(/[|\n]/).map((pair) => pair.split(" ")));

/** The character, or the shortcode as written. */
export const emoji = (name) => EMOJI.get(name.split("::")[0]) || `:${name}:`;
